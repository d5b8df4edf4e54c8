"""Tables of the directory. Names live here and nowhere else, so that they can be erased."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from firstbell.directory.scope import ScopedModel
from firstbell.kernel.codes import new_code
from firstbell.kernel.roles import Permission, Role


class Calendar(models.Model):
    """School days, holidays and bell times shared by some sites."""

    name = models.CharField(max_length=80, unique=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="calendar_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """A day on which the sites of a calendar are closed."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=80, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["calendar", "day"], name="holiday_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class BellPeriod(models.Model):
    """One period of a weekday, local time: its name is what people say ("2nd period")."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="periods")
    weekday = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["weekday", "starts"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="period_in_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="period_weekday"),
            models.UniqueConstraint(fields=["calendar", "weekday", "starts"], name="period_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.name}"


class Site(models.Model):
    """A school, the district office, the depot or a vendor's address."""

    class Kind(models.TextChoices):
        SCHOOL = "school", _("school")
        OFFICE = "office", _("district office")
        DEPOT = "depot", _("depot")
        VENDOR = "vendor", _("vendor")

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    code = models.CharField(max_length=12, unique=True, default=new_code)
    source_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    identifier = models.CharField(max_length=40, blank=True)
    timezone = models.CharField(max_length=60, default="America/New_York")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, related_name="sites")
    enrolment = models.PositiveIntegerField(default=0)
    address = models.CharField(max_length=200, blank=True, default="", db_default="")
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    live_on = models.DateField(null=True, blank=True)
    live_reason = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="site_on_the_map",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """Somewhere inside a site where a device can rest. A tree under its site; its code is on its poster."""

    class Kind(models.TextChoices):
        ROOM = "room", _("room")
        DESK = "desk", _("tech desk")
        PICKUP_BOX = "pickup_box", _("pick-up box")
        RETURN_SHELF = "return_shelf", _("return shelf")
        LOANER_SHELF = "loaner_shelf", _("loaner shelf")
        STORE = "store", _("store room")
        CART = "cart", _("cart")
        BENCH = "bench", _("bench")
        OUTBOX = "outbox", _("outgoing shelf")
        KIT = "kit", _("kit of the morning round")

    class Security(models.TextChoices):
        OPEN = "", _("not locked")
        LOCKED = "locked", _("locked room or cupboard")
        KEYS = "keys", _("locked, and it is known who has keys")
        ALARM = "alarm", _("locked and alarmed")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="places")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=14, choices=Kind)
    name = models.CharField(max_length=80)
    code = models.CharField(max_length=12, unique=True, default=new_code)
    custodian = models.ForeignKey("directory.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    security = models.CharField(max_length=8, choices=Security, blank=True, default="", db_default="")
    counted_daily = models.BooleanField(
        default=False, db_default=False, help_text="new devices wait here: somebody counts every day"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["site_id", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["site", "name"], name="place_name_once_per_site"),
        ]

    def __str__(self) -> str:
        return self.name


class OpenHours(models.Model):
    """When a place takes devices on a weekday, local time; without any, the school's hours count (S60)."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="open_hours")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["weekday", "starts"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="open_hours_in_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="open_hours_weekday"),
            models.UniqueConstraint(fields=["place", "weekday", "starts"], name="open_hours_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}-{self.ends}"


class VoidCode(models.Model):
    """A code that was revoked and is never given out again. A place's old code still says that it was replaced."""

    code = models.CharField(max_length=12, primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, null=True, related_name="old_codes")
    voided_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code


class Person(ScopedModel):
    """A student, staff member or guardian as the roster knows them. No birth date, no meals, no demographics."""

    see = Permission.SEE_PEOPLE

    class Kind(models.TextChoices):
        STUDENT = "student", _("student")
        STAFF = "staff", _("staff")
        GUARDIAN = "guardian", _("guardian")

    kind = models.CharField(max_length=10, choices=Kind)
    source_id = models.CharField(max_length=255, unique=True)
    local_number = models.CharField(max_length=64, blank=True)
    given_name = models.CharField(max_length=120)
    family_name = models.CharField(max_length=120)
    preferred_name = models.CharField(max_length=120, blank=True)
    grade = models.CharField(max_length=12, blank=True)
    language = models.CharField(max_length=12, blank=True)
    email = models.CharField(max_length=254, blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="people")
    active = models.BooleanField(default=True)
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["site", "kind", "family_name"], name="person_site_name"),
            models.Index(fields=["local_number"], name="person_local_number"),
            models.Index(fields=["email"], name="person_email"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Return the name as people call it: preferred or given name, then family name."""
        return f"{self.preferred_name or self.given_name} {self.family_name}".strip()

    @classmethod
    def within(cls, sites: frozenset[int]) -> Q:
        """People of these sites, by their first site or by a membership."""
        return Q(site_id__in=sites) | Q(pk__in=Membership.objects.filter(site_id__in=sites).values("person_id"))


class Badge(models.Model):
    """The code on a person's badge: an address, never a credential. It says nothing to anybody out of reach."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="badge")
    code = models.CharField(max_length=12, unique=True, default=new_code)
    made_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code


class PersonWord(models.Model):
    """One normalised word of a person's name or number: what a search looks up by its beginning."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=64, db_collation="C")

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["word"], name="person_word")]

    def __str__(self) -> str:
        return self.word


class Membership(models.Model):
    """A further site of a person who belongs to more than one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "site"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}@{self.site_id}"


class Guardianship(models.Model):
    """Who may ask for a student. ``verified_at`` is set once the guardian has shown to own the address on file."""

    guardian = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="wards")
    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="guardians")
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["guardian", "student"], name="guardianship_once"),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} for {self.student_id}"


class ClassGroup(models.Model):
    """A homeroom or class of the roster, in a room."""

    source_id = models.CharField(max_length=255, unique=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="classes")
    title = models.CharField(max_length=160)
    homeroom = models.BooleanField(default=False)
    place = models.ForeignKey(Place, on_delete=models.SET_NULL, null=True, related_name="classes")
    active = models.BooleanField(default=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class Enrolment(models.Model):
    """A person in a class."""

    class_group = models.ForeignKey(ClassGroup, on_delete=models.CASCADE, related_name="enrolments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrolments")
    teacher = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["class_group", "person"], name="enrolment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.class_group_id}"


class UserManager(BaseUserManager["User"]):
    """Finds a login by its name, without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A login, tied to at most one person. Students and families need none."""

    username = models.CharField(max_length=150, unique=True)
    person = models.OneToOneField(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="user")
    display_name = models.CharField(max_length=120)
    email = models.CharField(max_length=254, blank=True)  # shown to be theirs; else the roster's counts
    language = models.CharField(max_length=12, blank=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.display_name or self.username


class RoleHeld(models.Model):
    """A role held at a site, or in the whole district when no site is named, from-to (``until`` exclusive)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="roles")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    share = models.PositiveSmallIntegerField(default=100, help_text="percent of a full week")
    deputy = models.BooleanField(default=False)
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="team")
    exception_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="role_in_order"),
            models.CheckConstraint(condition=Q(share__lte=100), name="role_share"),
            models.CheckConstraint(
                condition=~Q(role=Role.STUDENT_TECH) | Q(supervisor__isnull=False),
                name="student_tech_has_supervisor",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "site"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="role_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.site_id}"


class Presence(models.Model):
    """When the holder of a role is at the site (``present``) or teaching (not ``present``), local time (S5, S6)."""

    role_held = models.ForeignKey(RoleHeld, on_delete=models.CASCADE, related_name="presences")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()
    present = models.BooleanField(default=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="presence_in_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="presence_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}-{self.ends}"


class Absence(models.Model):
    """Days on which a user is away; ``last_day`` inclusive."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first_day}-{self.last_day}"
