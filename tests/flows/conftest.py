"""The colleagues of all stories."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.cast import Office
from tests.discretion import Discretion, listening
from tests.flows.at_work import Colleague
from tests.servers import MailFolder
from tests.stories import Story
from toyooka_hw.accounts.models import User
from toyooka_hw.accounts.operations import ensure_roles


@pytest.fixture
def discretion(mailbox: MailFolder, office_at_work: Office, request: pytest.FixtureRequest) -> Iterator[Discretion]:
    """The logs that a story leaves: the portal's as it would be written, the worker's as talkative as it can be.

    Whoever starts programs of their own says which logs those write.
    """
    if is_story := "story" in request.fixturenames:
        request.getfixturevalue("story")
    with listening(mailbox) as heard:
        if is_story:
            heard.follow(request.getfixturevalue("worker"))
        yield heard


@pytest.fixture(autouse=True)
def logs_tell_of_nobody(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every story, whatever it is about: its logs name no person, number, phone, mailbox, link or code."""
    leaves_logs = {"story", "discretion"} & {*request.fixturenames}
    heard: Discretion | None = request.getfixturevalue("discretion") if leaves_logs else None
    yield
    if heard and not request.node.get_closest_marker("tells"):
        assert heard.told() == []


@pytest.fixture
def sato(story: Story, office_at_work: Office, staff_client: Callable[[User], Client]) -> Colleague:
    """佐藤, who may do everything."""
    return Colleague(story, office_at_work.sato.user, staff_client(office_at_work.sato.user))


@pytest.fixture
def tanaka(story: Story, office_at_work: Office, staff_client: Callable[[User], Client]) -> Colleague:
    """田中, at the next desk."""
    return Colleague(story, office_at_work.tanaka.user, staff_client(office_at_work.tanaka.user))


@pytest.fixture
def colleague(story: Story, staff_client: Callable[[User], Client]) -> Callable[[str], Colleague]:
    """Somebody in one of the groups, at a desk of their own."""

    def hire(group: str) -> Colleague:
        ensure_roles()
        user = User.objects.create_user(f"in-{group}", password="correct horse battery", display_name=group, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return Colleague(story, user, staff_client(user))

    return hire
