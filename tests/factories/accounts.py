import factory
from factory.django import DjangoModelFactory

from accounts.models import User

PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person-{n}@las.example")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    job_title = "Manager"
    password = factory.django.Password(PASSWORD)
