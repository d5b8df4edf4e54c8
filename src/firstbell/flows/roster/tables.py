"""The staging tables of one import: temporary, seen by this connection only, gone with the transaction."""

CREATE = """
CREATE TEMP TABLE roster_site (org text, site_id bigint, what text) ON COMMIT DROP;
CREATE TEMP TABLE roster_site_facts (
    site_id bigint, source_id text, kind text, name text, identifier text, timezone text,
    address text, latitude numeric, longitude numeric
) ON COMMIT DROP;
CREATE TEMP TABLE roster_room (place_id bigint, site_id bigint, name text) ON COMMIT DROP;
CREATE TEMP TABLE roster_person (
    source_id text, kind text, local_number text, given_name text, family_name text, preferred_name text, grade text,
    language text, email text, site_id bigint, words text, gone boolean, whole boolean
) ON COMMIT DROP;
CREATE TEMP TABLE roster_member (person text, site_id bigint) ON COMMIT DROP;
CREATE TEMP TABLE roster_agent (person text, agent text) ON COMMIT DROP;
CREATE TEMP TABLE roster_class (
    source_id text, title text, homeroom boolean, site_id bigint, place_id bigint, gone boolean
) ON COMMIT DROP;
CREATE TEMP TABLE roster_enrolment (class text, person text, teacher boolean, gone boolean) ON COMMIT DROP;
"""
"""``site_id`` 0 means no site that we know, ``place_id`` 0 no room, ``kind`` "" that the package tells no role.

``whole`` says that all of a person's roles are told: a delta lists the roles that changed and no others.
"""

DROP = """
DROP TABLE IF EXISTS pg_temp.roster_site, pg_temp.roster_site_facts, pg_temp.roster_room, pg_temp.roster_person,
    pg_temp.roster_member, pg_temp.roster_agent, pg_temp.roster_class, pg_temp.roster_enrolment, pg_temp.roster_plan,
    pg_temp.roster_member_plan, pg_temp.roster_who, pg_temp.roster_guardian_plan, pg_temp.roster_class_plan,
    pg_temp.roster_wanted, pg_temp.roster_enrolment_plan
"""
"""What an earlier import of the same transaction may have left."""
ANALYZE = "ANALYZE roster_person, roster_member, roster_agent, roster_class, roster_enrolment"
