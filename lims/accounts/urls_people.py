"""Addresses of people, organisations, invitations and oneself."""

from django.urls import include, path

from lims.accounts import handover_pages, pages

people = (
    [
        path("people/", pages.people, name="list"),
        path("people/invite/", pages.invite, name="invite"),
        path("people/<uuid:pk>/", pages.show_person, name="person"),
        path("people/<uuid:pk>/roles/", pages.grant, name="grant"),
        path("people/<uuid:pk>/roles/<uuid:membership>/revoke/", pages.revoke, name="revoke"),
        path("people/<uuid:pk>/activity/", pages.activity, name="activity"),
        path("people/invitations/<uuid:pk>/withdraw/", pages.withdraw, name="withdraw"),
        path("invitation/<str:secret>/", pages.invitation, name="invitation"),
        path("organisations/", pages.organisations, name="organisations"),
        path("organisations/add/", pages.add_organisation, name="add_organisation"),
        path("organisations/<uuid:pk>/", pages.organisation, name="organisation"),
        path("me/", pages.me, name="me"),
        path("me/hand-over-code/", handover_pages.hand_over_code, name="hand_over_code"),
        path("me/hand-over-code/renew/", handover_pages.renew_hand_over_code, name="renew_hand_over_code"),
        path("me/hand-over-code/forget/", handover_pages.forget_hand_over_code, name="forget_hand_over_code"),
        path("me/tokens/", pages.issue_token, name="issue_token"),
        path("me/tokens/<slug:token_key>/revoke/", pages.revoke_token, name="revoke_token"),
    ],
    "people",
)
urlpatterns = [path("", include(people))]
