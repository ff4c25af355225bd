"""Members, egress rules, activity and the organization switch."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from credentials.models import AuditEntry, EgressRule, Membership, Organization, Role
from credentials.services import audit, organizations, rules
from tests import factories

HTMX = {"hx-request": "true"}


@pytest.fixture
def page(client: Client, owner: User, organization: Organization) -> Client:
    client.force_login(owner)
    return client


def seat(user: User, organization: Organization) -> Membership:
    return Membership.objects.get(user=user, organization=organization)


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# Members


def test_an_administrator_adds_a_member_by_user_name(page: Client, organization: Organization) -> None:
    newcomer = factories.make_user("newcomer")

    answer = page.post(reverse("members"), {"username": "newcomer", "role": "author"}, headers=HTMX)

    assert 'id="members"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert seat(newcomer, organization).role == Role.AUTHOR
    assert actions() == ["member.added"]


@pytest.mark.parametrize(("username", "words"), [("nobody", "no user named nobody"), ("owner", "already a member")])
def test_a_member_that_cannot_be_added_is_refused_with_the_reason(page: Client, username: str, words: str) -> None:
    answer = page.post(reverse("members"), {"username": username, "role": "author"})

    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_the_last_administrator_can_neither_go_nor_step_down(
    page: Client, owner: User, organization: Organization
) -> None:
    member = seat(owner, organization)

    gone = page.post(reverse("remove_member", args=[member.pk]), headers=HTMX)
    down = page.post(reverse("change_role", args=[member.pk]), {"role": "author"}, headers=HTMX)

    assert "is the only administrator" in gone.content.decode()
    assert "is the only administrator" in down.content.decode()
    assert seat(owner, organization).role == Role.ADMINISTRATOR


def test_one_of_two_administrators_may_go(
    page: Client, owner: User, teammate: User, organization: Organization
) -> None:
    page.post(reverse("change_role", args=[seat(teammate, organization).pk]), {"role": "administrator"})
    page.post(reverse("remove_member", args=[seat(teammate, organization).pk]))

    assert not Membership.objects.filter(user=teammate).exists()
    assert actions() == ["member.role_changed", "member.removed"]


@pytest.mark.parametrize("name", ["change_role", "remove_member"])
@pytest.mark.parametrize("who", ["stranger", "teammate"])
def test_others_cannot_touch_members(
    client: Client, organization: Organization, owner: User, name: str, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))

    answer = client.post(reverse(name, args=[seat(owner, organization).pk]), {"role": "author"})

    assert answer.status_code == 404
    assert seat(owner, organization).role == Role.ADMINISTRATOR


# Egress rules


def test_a_rule_is_added_and_removed(page: Client, organization: Organization) -> None:
    added = page.post(
        reverse("egress_rules"), {"destination": "API.internal", "port": "8443", "note": "billing"}, headers=HTMX
    )
    rule = EgressRule.objects.get()
    page.post(reverse("remove_egress_rule", args=[rule.pk]), headers=HTMX)

    assert 'id="egress-rules"' in added.content.decode()
    assert "api.internal" in added.content.decode()
    assert (rule.organization, rule.port) == (organization, 8443)
    assert not EgressRule.objects.exists()
    assert actions() == ["egress.rule_added", "egress.rule_removed"]


def test_a_bad_rule_comes_back_with_the_reason(page: Client) -> None:
    answer = page.post(reverse("egress_rules"), {"destination": "169.254.169.254"})

    assert "never opened" in answer.content.decode()
    assert not EgressRule.objects.exists()


def test_the_allow_list_is_switched_on_and_off(page: Client, organization: Organization) -> None:
    page.post(reverse("egress_mode"), {"allow_list_only": "on"})
    strict = Organization.objects.get(pk=organization.pk).allow_list_only
    page.post(reverse("egress_mode"), {})

    assert strict
    assert not Organization.objects.get(pk=organization.pk).allow_list_only
    assert actions() == ["egress.allow_list_only", "egress.public_allowed"]


def test_nobody_removes_the_rules_of_others_or_of_everyone(page: Client, owner: User, stranger: User) -> None:
    theirs = rules.add(Organization.objects.get(name="Elsewhere"), actor=stranger, destination="a.test", port=None)
    common = rules.add(None, actor=stranger, destination="b.test", port=None)

    answers = [page.post(reverse("remove_egress_rule", args=[rule.pk])).status_code for rule in (theirs, common)]

    assert answers == [404, 404]


def test_the_page_shows_the_rules_of_everyone_without_a_button(page: Client, owner: User) -> None:
    rules.add(None, actor=owner, destination="b.test", port=None)

    shown = page.get(reverse("egress_rules")).content.decode()

    assert "b.test" in shown
    assert "for all organizations" in shown


@pytest.mark.parametrize("name", ["egress_mode", "egress_rules", "members"])
def test_an_author_posts_in_vain(client: Client, teammate: User, name: str) -> None:
    client.force_login(teammate)

    assert client.post(reverse(name), {"destination": "a.test", "username": "x"}).status_code == 403


# Activity


def test_activity_shows_who_did_what(page: Client, owner: User, organization: Organization) -> None:
    audit.record(organization, actor=owner, action="credential.created", subject="Shop", type="Basic")
    audit.record(organization, actor=None, action="bot.imported_well", subject="<b>Bot</b>")

    shown = page.get(reverse("activity")).content.decode()

    assert "created the credential <strong>Shop</strong>" in shown
    assert "type: Basic" in shown
    assert "bot: imported well" in shown
    assert "&lt;b&gt;Bot&lt;/b&gt;" in shown


def test_authors_see_no_administrators_matters(client: Client, teammate: User, organization: Organization) -> None:
    audit.record(organization, actor=teammate, action="credential.created", subject="Shop")
    audit.record(organization, actor=teammate, action="bot.published", subject="Balance")
    client.force_login(teammate)

    shown = client.get(reverse("activity")).content.decode()

    assert "Balance" in shown
    assert "Shop" not in shown


def test_activity_of_others_is_not_shown(client: Client, stranger: User, organization: Organization) -> None:
    audit.record(organization, actor=stranger, action="bot.published", subject="Balance")
    client.force_login(stranger)

    assert "Balance" not in client.get(reverse("activity")).content.decode()


def test_activity_is_paged(page: Client, owner: User, organization: Organization) -> None:
    for number in range(60):
        audit.record(organization, actor=owner, action="bot.published", subject=f"Bot {number}")

    second = page.get(reverse("activity") + "?page=2", headers=HTMX).content.decode()

    assert "Page 2 of 2" in second
    assert "Bot 0<" in second
    assert "<html" not in second


# Switching


def test_a_member_of_two_organizations_switches(page: Client, owner: User, organization: Organization) -> None:
    other = factories.make_organization(author=owner, name="Zeta")

    before = page.get(reverse("members")).status_code
    page.post(reverse("switch_organization"), {"organization": other.pk})

    assert before == 200
    assert page.get(reverse("members")).status_code == 403


@pytest.mark.parametrize("value", ["", "x", "999999"])
def test_an_organization_that_is_not_ones_own_cannot_be_chosen(page: Client, stranger: User, value: str) -> None:
    theirs = Organization.objects.get(name="Elsewhere").pk

    assert page.post(reverse("switch_organization"), {"organization": value or theirs}).status_code == 404


def test_somebody_without_an_organization_is_told_so(client: Client, db: None) -> None:
    client.force_login(factories.make_user("lonely"))

    assert client.get(reverse("activity")).status_code == 403


def test_the_creator_of_an_organization_is_its_administrator(owner: User) -> None:
    made = organizations.create(name="Fresh", creator=owner)

    assert seat(owner, made).role == Role.ADMINISTRATOR
