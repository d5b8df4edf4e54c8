"""All pages, by surface."""

from django.urls import URLPattern

from firstbell.web.board.urls import patterns as board
from firstbell.web.depot.urls import patterns as depot
from firstbell.web.desk.urls import patterns as desk
from firstbell.web.office.urls import patterns as office
from firstbell.web.scan.urls import patterns as scan
from firstbell.web.street.urls import patterns as street
from firstbell.web.team.urls import patterns as team

patterns: list[URLPattern] = [*street, *team, *desk, *depot, *scan, *board, *office]
