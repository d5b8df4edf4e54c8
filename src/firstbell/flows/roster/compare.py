"""What differs between the staging tables and the directory, as tables of plans: nothing is changed here.

Every plan row says what happens: added, changed, left (people) or ended (classes), same, or skipped (cannot be placed).
"""

from collections.abc import Callable

from django.db import connection

PEOPLE = """
CREATE TEMP TABLE roster_plan ON COMMIT DROP AS
SELECT s.source_id,
       coalesce(p.id, nextval(pg_get_serial_sequence('directory_person', 'id'))) AS person_id,
       CASE
           WHEN p.id IS NULL THEN CASE WHEN s.gone OR s.kind = '' THEN 'skipped' ELSE 'added' END
           WHEN s.gone THEN CASE WHEN p.active THEN 'left' ELSE 'same' END
           WHEN p.active AND (
               p.kind, p.local_number, p.given_name, p.family_name, p.preferred_name, p.grade, p.language, p.email
           ) IS NOT DISTINCT FROM (
               CASE WHEN s.kind = '' OR NOT s.whole THEN p.kind ELSE s.kind END,
               s.local_number, s.given_name, s.family_name, s.preferred_name, s.grade, s.language, s.email
           ) AND p.site_id IS NOT DISTINCT FROM (
               CASE WHEN s.site_id = 0 AND NOT s.whole THEN p.site_id ELSE nullif(s.site_id, 0) END
           ) THEN 'same'
           ELSE 'changed'
       END AS what,
       p.site_id AS had_site,
       p.kind AS had_kind,
       CASE WHEN s.kind = '' OR (NOT s.whole AND p.id IS NOT NULL) THEN p.kind ELSE s.kind END AS kind,
       CASE WHEN s.site_id = 0 AND NOT s.whole THEN p.site_id ELSE nullif(s.site_id, 0) END AS site_id,
       (p.given_name, p.family_name, p.preferred_name, p.local_number) IS DISTINCT FROM
           (s.given_name, s.family_name, s.preferred_name, s.local_number) AS renamed,
       s.whole AND NOT s.gone AS told,
       s.local_number, s.given_name, s.family_name, s.preferred_name, s.grade, s.language, s.email, s.words
  FROM roster_person s LEFT JOIN directory_person p ON p.source_id = s.source_id
"""
UNLISTED_PEOPLE = """
INSERT INTO roster_plan (source_id, person_id, what, had_site, had_kind, kind, site_id, renamed, told)
SELECT p.source_id, p.id, 'left', p.site_id, p.kind, p.kind, p.site_id, false, false
  FROM directory_person p
 WHERE p.active AND NOT EXISTS (SELECT FROM roster_person s WHERE s.source_id = p.source_id)
"""
MEMBERS = """
CREATE TEMP TABLE roster_member_plan ON COMMIT DROP AS
SELECT NULL::bigint AS id, p.person_id, m.site_id
  FROM roster_member m JOIN roster_plan p ON p.source_id = m.person AND p.what NOT IN ('skipped', 'left')
 WHERE NOT EXISTS (SELECT FROM directory_membership d WHERE d.person_id = p.person_id AND d.site_id = m.site_id)
 UNION ALL
SELECT d.id, d.person_id, d.site_id
  FROM directory_membership d JOIN roster_plan p ON p.person_id = d.person_id AND p.told
 WHERE NOT EXISTS (SELECT FROM roster_member m WHERE m.person = p.source_id AND m.site_id = d.site_id)
"""
WHO = """
CREATE TEMP TABLE roster_who ON COMMIT DROP AS
SELECT source_id, person_id, kind FROM roster_plan WHERE what <> 'skipped'
"""
WHO_ELSE = """
INSERT INTO roster_who
SELECT p.source_id, p.id, p.kind
  FROM (SELECT agent FROM roster_agent UNION SELECT person FROM roster_enrolment) r (source_id)
  JOIN directory_person p USING (source_id)
 WHERE NOT EXISTS (SELECT FROM roster_plan s WHERE s.source_id = p.source_id)
"""
GUARDIANS = """
CREATE TEMP TABLE roster_guardian_plan ON COMMIT DROP AS
WITH pairs AS (
    SELECT DISTINCT CASE WHEN a.kind = 'student' THEN a.person_id ELSE b.person_id END AS student_id,
                    CASE WHEN a.kind = 'student' THEN b.person_id ELSE a.person_id END AS guardian_id
      FROM roster_agent r
      JOIN roster_who a ON a.source_id = r.person
      JOIN roster_who b ON b.source_id = r.agent
     WHERE (a.kind = 'student') <> (b.kind = 'student')
)
SELECT d.id, coalesce(d.student_id, n.student_id) AS student_id, coalesce(d.guardian_id, n.guardian_id) AS guardian_id,
       CASE WHEN d.id IS NULL THEN 'added' WHEN n.student_id IS NULL THEN 'unlisted' ELSE 'same' END AS what
  FROM pairs n FULL JOIN directory_guardianship d
    ON d.student_id = n.student_id AND d.guardian_id = n.guardian_id
 WHERE d.id IS NULL OR n.student_id IS NULL
"""
KEEP_UNTOLD_GUARDIANS = """
DELETE FROM roster_guardian_plan g
 WHERE g.what = 'unlisted' AND NOT EXISTS (
    SELECT FROM roster_agent r JOIN roster_plan p ON p.source_id = r.person WHERE p.person_id = g.student_id
 )
"""
"""In a delta, a student's row that lists guardians is the truth about that student; nothing else ends a pair."""
CLASSES = """
CREATE TEMP TABLE roster_class_plan ON COMMIT DROP AS
SELECT s.source_id,
       coalesce(c.id, nextval(pg_get_serial_sequence('directory_classgroup', 'id'))) AS class_id,
       CASE
           WHEN c.id IS NULL THEN CASE WHEN s.gone OR s.site_id = 0 THEN 'skipped' ELSE 'added' END
           WHEN s.gone THEN CASE WHEN c.active THEN 'ended' ELSE 'same' END
           WHEN c.active AND (c.title, c.homeroom) = (s.title, s.homeroom)
                AND c.site_id = coalesce(nullif(s.site_id, 0), c.site_id)
                AND c.place_id IS NOT DISTINCT FROM coalesce(nullif(s.place_id, 0), c.place_id) THEN 'same'
           ELSE 'changed'
       END AS what,
       s.title, s.homeroom, coalesce(nullif(s.site_id, 0), c.site_id) AS site_id,
       coalesce(nullif(s.place_id, 0), c.place_id) AS place_id
  FROM roster_class s LEFT JOIN directory_classgroup c ON c.source_id = s.source_id
"""
UNLISTED_CLASSES = """
INSERT INTO roster_class_plan (source_id, class_id, what, site_id)
SELECT c.source_id, c.id, 'ended', c.site_id
  FROM directory_classgroup c
 WHERE c.active AND NOT EXISTS (SELECT FROM roster_class s WHERE s.source_id = c.source_id)
"""
WANTED = """
CREATE TEMP TABLE roster_wanted ON COMMIT DROP AS
SELECT c.class_id, w.person_id, bool_or(e.teacher) FILTER (WHERE NOT e.gone) AS teacher, bool_and(e.gone) AS gone
  FROM roster_enrolment e
  JOIN roster_who w ON w.source_id = e.person
  JOIN (
      SELECT source_id, class_id FROM roster_class_plan WHERE what <> 'skipped'
       UNION ALL
      SELECT c.source_id, c.id FROM directory_classgroup c
       WHERE NOT EXISTS (SELECT FROM roster_class_plan p WHERE p.source_id = c.source_id)
  ) c ON c.source_id = e.class
 GROUP BY c.class_id, w.person_id
"""
ENROLMENTS = """
CREATE TEMP TABLE roster_enrolment_plan ON COMMIT DROP AS
SELECT e.id, w.class_id, w.person_id, w.teacher,
       CASE WHEN w.gone THEN 'removed' WHEN e.id IS NULL THEN 'added' ELSE 'changed' END AS what
  FROM roster_wanted w
  LEFT JOIN directory_enrolment e ON e.class_group_id = w.class_id AND e.person_id = w.person_id
 WHERE CASE WHEN w.gone THEN e.id IS NOT NULL ELSE e.teacher IS DISTINCT FROM w.teacher END
"""
UNLISTED_ENROLMENTS = """
INSERT INTO roster_enrolment_plan (id, class_id, person_id, what)
SELECT e.id, e.class_group_id, e.person_id, 'removed'
  FROM directory_enrolment e
 WHERE NOT EXISTS (
    SELECT FROM roster_wanted w WHERE w.class_id = e.class_group_id AND w.person_id = e.person_id
 )
"""


def plan(bulk: Callable[[str], bool]) -> None:
    """Fill the tables of plans. ``bulk`` says whether a table of the package is the whole truth."""
    _run(PEOPLE)
    if bulk("users"):
        _run(UNLISTED_PEOPLE)
    _run("ANALYZE roster_plan", MEMBERS, WHO)
    if not bulk("users"):
        _run(WHO_ELSE)
    _run("ANALYZE roster_who", GUARDIANS)
    if not bulk("users"):
        _run(KEEP_UNTOLD_GUARDIANS)
    _plan_classes(bulk)


def _plan_classes(bulk: Callable[[str], bool]) -> None:
    _run(CLASSES)
    if bulk("classes"):
        _run(UNLISTED_CLASSES)
    _run("ANALYZE roster_class_plan", WANTED, "ANALYZE roster_wanted", ENROLMENTS)
    if bulk("enrollments"):
        _run(UNLISTED_ENROLMENTS)


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
