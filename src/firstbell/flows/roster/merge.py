"""The plan's tables into the directory, set by set: only rows that differ are written."""

from datetime import date

from django.db import connection

SITES = """
UPDATE directory_site d SET source_id = f.source_id, name = f.name, identifier = f.identifier
  FROM roster_site_facts f JOIN roster_site s ON s.site_id = f.site_id AND s.what = 'changed'
 WHERE d.id = f.site_id
"""
PEOPLE_ADDED = """
INSERT INTO directory_person (
    id, kind, source_id, local_number, given_name, family_name, preferred_name, grade, language, email, site_id, active
)
SELECT person_id, kind, source_id, local_number, given_name, family_name, preferred_name, grade, language, email,
       site_id, true
  FROM roster_plan WHERE what = 'added'
"""
PEOPLE_CHANGED = """
UPDATE directory_person d
   SET kind = p.kind, local_number = p.local_number, given_name = p.given_name, family_name = p.family_name,
       preferred_name = p.preferred_name, grade = p.grade, language = p.language, email = p.email,
       site_id = p.site_id, active = true, left_on = NULL
  FROM roster_plan p WHERE p.what = 'changed' AND d.id = p.person_id
"""
PEOPLE_LEFT = """
UPDATE directory_person d SET active = false, left_on = %s
  FROM roster_plan p WHERE p.what = 'left' AND d.id = p.person_id
"""
OLD_WORDS = """
DELETE FROM directory_personword w USING roster_plan p
 WHERE p.what = 'changed' AND p.renamed AND w.person_id = p.person_id
"""
NEW_WORDS = """
INSERT INTO directory_personword (person_id, word)
SELECT p.person_id, word
  FROM roster_plan p CROSS JOIN LATERAL string_to_table(p.words, ' ') AS word
 WHERE (p.what = 'added' OR (p.what = 'changed' AND p.renamed)) AND p.words <> ''
"""
LEFT_MEMBERS = """
DELETE FROM directory_membership d USING roster_member_plan p WHERE p.id IS NOT NULL AND d.id = p.id
"""
NEW_MEMBERS = """
INSERT INTO directory_membership (person_id, site_id) SELECT person_id, site_id FROM roster_member_plan WHERE id IS NULL
"""
LEFT_GUARDIANS = """
DELETE FROM directory_guardianship d USING roster_guardian_plan p WHERE p.what = 'unlisted' AND d.id = p.id
"""
NEW_GUARDIANS = """
INSERT INTO directory_guardianship (student_id, guardian_id)
SELECT student_id, guardian_id FROM roster_guardian_plan WHERE what = 'added'
"""
CLASSES_ADDED = """
INSERT INTO directory_classgroup (id, source_id, site_id, title, homeroom, place_id, active)
SELECT class_id, source_id, site_id, title, homeroom, place_id, true FROM roster_class_plan WHERE what = 'added'
"""
CLASSES_CHANGED = """
UPDATE directory_classgroup d
   SET title = p.title, homeroom = p.homeroom, site_id = p.site_id, place_id = p.place_id, active = true
  FROM roster_class_plan p WHERE p.what = 'changed' AND d.id = p.class_id
"""
CLASSES_ENDED = """
UPDATE directory_classgroup d SET active = false
  FROM roster_class_plan p WHERE p.what = 'ended' AND d.id = p.class_id
"""
LEFT_ENROLMENTS = """
DELETE FROM directory_enrolment d USING roster_enrolment_plan p WHERE p.what = 'removed' AND d.id = p.id
"""
CHANGED_ENROLMENTS = """
UPDATE directory_enrolment d SET teacher = p.teacher
  FROM roster_enrolment_plan p WHERE p.what = 'changed' AND d.id = p.id
"""
NEW_ENROLMENTS = """
INSERT INTO directory_enrolment (class_group_id, person_id, teacher)
SELECT class_id, person_id, teacher FROM roster_enrolment_plan WHERE what = 'added'
"""
COUNTS = """
UPDATE directory_site d SET enrolment = n.students
  FROM (
    SELECT s.id, count(p.id) AS students
      FROM directory_site s
      LEFT JOIN directory_person p ON p.site_id = s.id AND p.kind = 'student' AND p.active
     GROUP BY s.id
  ) n
 WHERE d.id = n.id AND d.enrolment <> n.students
"""


def merge(day: date) -> None:
    """Write the plan of this connection; people who left are marked with this day."""
    with connection.cursor() as cursor:
        for statement in (SITES, PEOPLE_ADDED, PEOPLE_CHANGED):
            cursor.execute(statement)
        cursor.execute(PEOPLE_LEFT, [day])
        for statement in _LINKS:
            cursor.execute(statement)


_LINKS = (
    OLD_WORDS,
    NEW_WORDS,
    LEFT_MEMBERS,
    NEW_MEMBERS,
    LEFT_GUARDIANS,
    NEW_GUARDIANS,
    CLASSES_ADDED,
    CLASSES_CHANGED,
    CLASSES_ENDED,
    LEFT_ENROLMENTS,
    CHANGED_ENROLMENTS,
    NEW_ENROLMENTS,
    COUNTS,
)
