"""Sign-in by password. Whoever is signed in comes with the number on their bell: one query for both."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from firstbell.directory.models import User
from firstbell.notices.models import Notice


class PasswordBackend(ModelBackend):
    """Django's backend, with ``unread_notices`` fetched along with the user."""

    def get_user(self, user_id: int) -> User | None:
        """Return the active user of a session."""
        unread = (
            Notice.objects.everyone(reason="each user's own, by the subquery's condition")
            .filter(user_id=OuterRef("pk"), read_at__isnull=True)
            .order_by()
            .values("user_id")
            .annotate(n=Count("pk"))
            .values("n")
        )
        counted = Coalesce(Subquery(unread, output_field=IntegerField()), 0)
        user = User.objects.filter(pk=user_id).annotate(unread_notices=counted).first()
        return user if user and self.user_can_authenticate(user) else None
