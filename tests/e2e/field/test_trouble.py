"""What goes wrong on the road: a full phone, a clock two days off, a tag on two bags, a phone that was shut out, a wipe."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from samples.custody.models import Incident
from samples.field.models import Operation, Refusal
from samples.field.services import revoke_device
from samples.registry.models import Sample
from tests.e2e.field.conftest import PIN, Phone, joined, new_context
from tests.support.wire import Wire

BODY = """(() => { const at = new Date().toISOString();
  return {sample_id: given.id, batch: given.batch, tag: given.tag, mass_g: "2150", here: {at}}; })()"""
ID = "0199a000-0000-7000-8000-00000000000{}"


def registered(phone: Phone, number: int = 0, *, tag: str = "", key: int | None = None) -> Any:
    """Register a bag on the phone, without its screen."""
    given = {
        "id": ID.format(number if key is None else key),
        "batch": str(phone.batch.pk),
        "tag": tag or phone.tags[number],
    }
    return phone.run("outbox", f"m.add('register_sample', {BODY})", given)


def sent(phone: Phone) -> Any:
    return phone.run("sync", "m.now()")


def states(phone: Phone) -> dict[str, int]:
    return {state: count for state, count in phone.counts()["byState"].items() if count}


def test_a_clock_two_days_ahead_loses_nothing(phone: Phone):
    phone.page.clock.install(time=timezone.now() + timedelta(days=2))
    phone.open()
    registered(phone)
    assert sent(phone) is None
    sample = Sample.objects.get()
    assert abs(sample.collected_at - timezone.now()) < timedelta(minutes=5)
    incident = Incident.objects.get()
    assert (incident.kind, incident.batch, incident.blocking) == ("CLOCK", phone.batch, False)


def test_a_refused_record_stays_says_why_and_goes_when_it_is_corrected(phone: Phone):
    phone.open()
    made = registered(phone, tag="KC999999M")
    assert sent(phone) is None
    assert states(phone) == {"refused": 1}
    answer = phone.run("outbox", "m.operation(given)", made["id"])["answer"]
    assert answer["code"] in {"tag-unknown", "tag-check-character"}
    assert answer["what_to_do"]
    body = phone.run("outbox", "m.operation(given)", made["id"])["body"] | {"tag": phone.tags[3]}
    phone.run("outbox", "m.correct(given.id, given.body)", {"id": made["id"], "body": body})
    assert sent(phone) is None
    assert Sample.objects.get().tag.code == phone.tags[3]
    assert (phone.counts()["unsent"], phone.counts()["refused"]) == (0, 0)


def test_a_full_phone_loses_nothing_that_it_kept(phone: Phone):
    phone.open()
    registered(phone)
    # The browser of these tests gives its guests a share of the memory, whatever quota it is told: it says itself here
    # what a full phone's browser says, for everything larger than a note.
    phone.page.evaluate(
        """() => { const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (value, ...key) {
            if ((value.sealed?.data?.byteLength ?? 0) > 100_000) throw new DOMException('full', 'QuotaExceededError');
            return put.call(this, value, ...key); }; }"""
    )
    large = "m.add('register_sample', {...given, note: 'wet '.repeat(50_000)}, {drafts: ['register']})"
    given = {"sample_id": ID.format(2), "batch": str(phone.batch.pk), "tag": phone.tags[2], "mass_g": "2150"}
    assert phone.run("store", "m.saveDraft('register', {note: 'still here'})") is None
    assert phone.run("outbox", large, given) == {"fault": "storage-full"}
    assert states(phone) == {"kept": 1}
    assert phone.run("store", "m.draft('register')") == {"note": "still here"}
    registered(phone, 1)
    assert sent(phone) is None
    assert Sample.objects.count() == 2


def test_two_phones_claim_a_tag(chromium: Browser, line: Wire, phone: Phone):
    context = new_context(chromium, line)
    other = joined(context, line, (phone.coordinator, phone.batch, phone.tags))
    registered(phone, 0)
    registered(other, 0, key=5)
    assert sent(phone) is None
    assert sent(other) is None
    assert (states(phone), states(other)) == ({"applied": 1}, {"conflict": 1})
    assert Operation.objects.get(state="CONFLICT").code == "tag-used"
    context.close()


def test_a_phone_that_was_shut_out_gives_everything_up_and_keeps_nothing(phone: Phone):
    from samples.field.models import Device  # noqa: PLC0415  # beside the tables that it is about

    phone.open()
    registered(phone)
    revoke_device(actor=phone.coordinator, device=Device.objects.get(), reason="Lost at Pangwa.")
    assert sent(phone) is None
    assert phone.run("store", "m.state()") == "revoked"
    assert not Sample.objects.exists()
    assert Operation.objects.get().state == "QUARANTINED"
    left = phone.run(
        "base",
        "(async () => { const db = await m.base(); let n = 0;"
        " for (const s of ['values', 'drafts', 'operations', 'photographs']) n += await db.count(s); return n; })()",
    )
    assert left == 0


def test_wiped_in_a_moment(phone: Phone):
    phone.open()
    registered(phone)
    assert phone.run("store", "m.wipe()") is None
    assert phone.run("store", "m.state()") == "new"
    assert phone.run("store", f"m.unlock('{PIN}')") == {"fault": "not-joined"}
    assert phone.counts()["unsent"] == 0


def test_what_lies_on_the_phone_says_nothing(phone: Phone):
    phone.open()
    registered(phone)
    assert phone.run("store", "m.saveDraft('x', {note: 'VERYSECRETWORD'})") is None
    dump = phone.run(
        "base",
        "(async () => { const db = await m.base(); let text = '';"
        " for (const s of db.objectStoreNames) for (const row of await db.getAll(s))"
        " text += JSON.stringify(row, (k, v) => v instanceof ArrayBuffer ? String.fromCharCode(...new Uint8Array(v).subarray(0, 60000)) : v);"
        " return text; })()",
    )
    for word in ("VERYSECRETWORD", phone.tags[0], phone.batch.code, "Pangwa", "token", "register_sample"):
        assert word not in dump, word


def test_wrong_pins_wait_longer_and_longer_and_destroy_nothing(phone: Phone):
    registered(phone)
    phone.page.goto("/field/")
    for _ in range(5):
        assert phone.run("store", "m.unlock('111222')") == {"fault": "pin-wrong"}
    assert phone.run("store", f"m.unlock('{PIN}')") == {"fault": "try-later"}
    phone.page.reload()
    assert phone.run("store", f"m.unlock('{PIN}')") == {"fault": "try-later"}
    assert phone.run("outbox", "m.counts()")["unsent"] == 1


def test_a_pin_is_changed_and_the_old_one_opens_no_more(phone: Phone):
    phone.open()
    assert phone.run("store", f"m.changePin('{PIN}', '314159')") is None
    phone.page.goto("/field/")
    phone.page.reload()
    assert phone.run("store", f"m.unlock('{PIN}')") == {"fault": "pin-wrong"}
    assert phone.run("store", "m.unlock('314159')") is None


@pytest.mark.parametrize("pin", ["12345", "111111", "123456"])
def test_a_pin_that_anybody_would_try_is_refused(
    chromium: Browser, line: Wire, transactional_db: None, pin: str
):
    context = new_context(chromium, line)
    page = context.new_page()
    page.goto("/field/")
    phone = Phone(page, context, line, None, None, [])
    assert phone.run("store", f"m.enrol({{name: 'X', pin: '{pin}'}})") == {"fault": "pin-weak"}
    context.close()


def test_carried_by_hand_and_sent_as_well(phone: Phone, tmp_path: Any):
    phone.open()
    for number in range(3):
        registered(phone, number)
    made = phone.run(
        "carry",
        "(async () => { const files = await m.exportFile(); return Promise.all(files.map(async (f) => [f.name, await f.blob.text()])); })()",
    )
    assert len(made) == 1
    name, text = made[0]
    assert phone.tags[0] not in text
    path = tmp_path / name
    path.write_text(text)
    assert sent(phone) is None
    page = phone.page
    page.goto("/phones/carry/")
    page.set_input_files("input[type=file]", path)
    page.click("form button.btn-primary")
    page.wait_for_load_state()
    assert Sample.objects.count() == 3
    assert Operation.objects.count() == 3
    assert not Refusal.objects.exists()


def test_five_thousand_unsent_records_stay_usable(phone: Phone):
    phone.open()
    phone.run(
        "base",
        """(async () => {
          const c = await import('/static/field/crypto.js');
          const { session } = await import('/static/field/session.js');
          const body = {sample_id: crypto.randomUUID(), tag: 'KC000001X', mass_g: '2150', batch: given};
          const told = {id: crypto.randomUUID(), kind: 'register_sample', made_at: new Date().toISOString(), body};
          const sealed = await c.seal(session().key, {payload: JSON.stringify(told), signature: ''});
          await m.write(['operations', 'keys'], (tx) => {
            for (let n = 1; n <= 5000; n += 1) tx.objectStore('operations').put(
              {sequence: n, id: crypto.randomUUID(), state: 'kept', waiting: n, size: 300, kept_at: Date.now(), sealed});
            tx.objectStore('keys').put(5000, 'sequence'); }); })()""",
        str(phone.batch.pk),
    )
    phone.context.set_offline(True)
    phone.open()
    took = phone.run(
        "outbox",
        """(async () => {
          const t0 = performance.now(); const counts = await m.counts();
          const t1 = performance.now(); const page = await m.list({limit: 50});
          const t2 = performance.now(); await m.list({limit: 50, before: 2500});
          const t3 = performance.now();
          await m.add('register_sample', {sample_id: crypto.randomUUID(), tag: 'KC000002V', mass_g: '1', batch: given});
          const t4 = performance.now(); await m.list({limit: 50});
          const t5 = performance.now();
          return {unsent: counts.unsent, listed: page.length, times: [t1 - t0, t2 - t1, t3 - t2, t4 - t3, t5 - t4]}; })()""",
        str(phone.batch.pk),
    )
    assert (took["unsent"], took["listed"]) == (5000, 50)
    assert phone.counts()["unsent"] == 5001
