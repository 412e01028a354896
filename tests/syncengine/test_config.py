"""Settings are checked whole: everything wrong is said at once."""

import shlex
from dataclasses import fields
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncengine import config
from syncengine.config import ConfigError, Settings, parse_duration, read_env_file
from syncengine.settings import SyncSettings

ENV = {
    "SF_URL": "https://acme.my.salesforce.com",
    "SF_USERNAME": "sync@acme.test",
    "SF_PASSWORD": "pw",
    "SF_TOKEN": "",
    "SF_CLIENT_ID": "client",
    "SF_CLIENT_SECRET": "secret",
    "MKTO_URL": "https://123-abc-456.mktorest.com/rest",
    "MKTO_CLIENT_ID": "client",
    "MKTO_CLIENT_SECRET": "secret",
}
CONNECTOR = {"MKTO_CONNECTOR_ID": "connector", "MKTO_CONNECTOR_SECRET": "its-secret"}


def problems(raw=None, environ=None, *, without=()):
    env = {name: value for name, value in {**ENV, **(environ or {})}.items() if name not in without}
    with pytest.raises(ConfigError) as error:
        Settings.of(raw or {}, env)
    return error.value.problems


class TestVariables:
    def test_are_enough(self):
        settings = Settings.of({}, ENV)

        assert settings.salesforce.url == "https://acme.my.salesforce.com"
        assert settings.sync == SyncSettings()
        assert settings.clock_url is None

    def test_marketos_address_may_end_as_marketo_shows_it(self):
        assert Settings.of({}, ENV).marketo.url == "https://123-abc-456.mktorest.com"

    def test_connector_credentials_make_us_the_native_sync(self):
        native = Settings.of({}, ENV | CONNECTOR)

        assert native.native
        assert native.marketo.client_id == "connector"
        assert not Settings.of({}, ENV).native

    def test_that_are_missing_are_all_named(self):
        assert problems(without=("SF_URL", "SF_PASSWORD", "MKTO_CLIENT_SECRET")) == (
            "SF_URL: required",
            "SF_PASSWORD: required",
            "MKTO_CLIENT_SECRET: required",
        )

    def test_that_are_missing_may_have_been_mistyped(self):
        assert problems(environ={"SF_PASWORD": "pw"}, without=("SF_PASSWORD",)) == (
            "SF_PASSWORD: required; did you mean it by SF_PASWORD?",
        )

    @pytest.mark.parametrize(
        "gone",
        [
            pytest.param(("SF_USERNAME", "SF_PASSWORD"), id="the client's own credentials"),
            pytest.param(("MKTO_CLIENT_ID", "MKTO_CLIENT_SECRET"), id="the connector's"),
        ],
    )
    def test_are_not_wanted_where_others_do(self, gone):
        Settings.of({}, {name: value for name, value in (ENV | CONNECTOR).items() if name not in gone})

    def test_half_of_a_connector_is_none(self):
        assert problems(environ={"MKTO_CONNECTOR_ID": "c"}) == ("MKTO_CONNECTOR_SECRET: required",)

    @pytest.mark.parametrize(
        ("variable", "value", "complaint"),
        [
            ("SF_URL", "acme.my.salesforce.com", "no address that begins with https://"),
            ("SF_URL", "http://acme.example.com", "use https"),
            ("MKTO_URL", "ftp://x", "no address"),
            ("SF_CA_CERT", "/nowhere/ca.pem", "no file /nowhere/ca.pem"),
        ],
    )
    def test_that_make_no_sense_are_named(self, variable, value, complaint):
        (problem,) = problems(environ={variable: value})

        assert problem.startswith(f"{variable}: ")
        assert complaint in problem

    @pytest.mark.parametrize("url", ["http://127.0.0.1:8101", "http://[::1]:8101/", "http://salesforce.test"])
    def test_plain_http_is_fine_where_nothing_leaves_the_machine(self, url):
        Settings.of({}, ENV | {"SF_URL": url})

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:8101", "http://127.0.0.1:8101/", "http://127.0.0.1:8101/_fake/clock"]
    )
    def test_the_clock_is_found_at_its_side_door(self, url):
        assert Settings.of({}, ENV | {"SYNCRIG_CLOCK_URL": url}).clock_url == "http://127.0.0.1:8101/_fake/clock"

    def test_secrets_do_not_show_when_settings_are_printed(self):
        settings = Settings.of({}, ENV | {"SF_PASSWORD": "hush-1", "MKTO_CLIENT_SECRET": "hush-2"})

        assert "hush" not in repr(settings)

    def test_the_fakes_authority_is_not_asked_about_a_real_marketo(self, tmp_path):
        authority = tmp_path / "ca.pem"
        authority.touch()

        settings = Settings.of({}, ENV | {"SF_CA_CERT": str(authority)})

        assert settings.salesforce.ca_cert == authority
        assert settings.marketo.ca_cert is None


class TestFile:
    def test_sets_the_sync(self, tmp_path):
        path = tmp_path / "syncengine.toml"
        path.write_text(
            'policy = "salesforce-wins"\npause = "PT10M"\nobjects = ["Lead"]\n'
            '[map]\n"Lead.Region__c" = "region"\n[rules]\nLead.Phone = "newest"\n'
        )

        sync = Settings.load(path, ENV).sync

        assert sync.policy == "salesforce-wins"
        assert sync.pause == timedelta(minutes=10)
        assert sync.objects == ("Lead",)
        assert sync.field_map == {"Lead.Region__c": "region"}
        assert sync.rules == {"Lead.Phone": "newest"}

    def test_may_set_the_sync_in_a_table_as_a_scenario_does(self):
        sync = Settings.of({"sync": {"policy": "ask", "map": {"Lead.Region__c": "region"}}}, ENV).sync

        assert sync.policy == "ask"
        assert sync.field_map == {"Lead.Region__c": "region"}

    def test_says_nothing_twice(self):
        assert problems({"policy": "ask", "sync": {"policy": "newest", "polcy": "ask"}}) == (
            "policy: said twice, here and in [sync]",
            "sync.polcy: unknown setting; did you mean policy?",
        )

    def test_is_beaten_by_the_environment(self, tmp_path):
        path = tmp_path / "syncengine.toml"
        path.write_text('[salesforce]\nurl = "https://file.example.com"\nusername = "file@acme.test"\n')

        settings = Settings.load(path, {name: value for name, value in ENV.items() if name != "SF_USERNAME"})

        assert settings.salesforce.url == "https://acme.my.salesforce.com"
        assert settings.salesforce.username == "file@acme.test"

    def test_is_looked_for_here_and_not_missed(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert Settings.load(None, ENV).sync.policy == "marketo-native"

        (tmp_path / "syncengine.toml").write_text('policy = "ask"\n')
        assert Settings.load(None, ENV).sync.policy == "ask"

    def test_everything_wrong_is_said_at_once(self):
        raw = {
            "polcy": "ask",
            "policy": "marketo-win",
            "pause": "a while",
            "marketo_batch": 301,
            "objects": ["Leed"],
            "map": {"Region__c": "region"},
            "rules": {"Lead": "sometimes"},
            "salesforce": {"ulr": "x"},
        }

        found = problems(raw, without=("SF_CLIENT_ID",))

        assert [problem.partition(":")[0] for problem in found] == [
            "polcy",
            "salesforce.ulr",
            "SF_CLIENT_ID",
            "policy",
            "rules",
            "objects",
            "map",
            "pause",
            "marketo_batch",
        ]
        assert found[0] == "polcy: unknown setting; did you mean policy?"
        assert found[1] == "salesforce.ulr: unknown setting; did you mean url?"
        assert "did you mean marketo-wins?" in found[3]
        assert "the most Marketo takes" in found[8]

    def test_that_is_no_toml_names_itself_and_the_line(self, tmp_path):
        path = tmp_path / "syncengine.toml"
        path.write_text("policy =\n")

        with pytest.raises(ConfigError, match=r"syncengine.toml: is not TOML.*line 1"):
            Settings.load(path, ENV)

    def test_every_setting_of_the_sync_can_be_set_and_is_checked(self):
        assert set(config._READ) == {field.name for field in fields(SyncSettings)}


class TestEnvFile:
    def test_is_read_as_a_shell_reads_it(self, tmp_path):
        path = tmp_path / "world.env"
        path.write_text(
            "# the world\nSF_URL=http://127.0.0.1:8101\nexport SF_PASSWORD='a b#c'  # quoted\n\nSF_TOKEN=\n"
        )

        assert read_env_file(path) == {"SF_URL": "http://127.0.0.1:8101", "SF_PASSWORD": "a b#c", "SF_TOKEN": ""}

    @given(value=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
    def test_gives_back_every_value_that_a_shell_would(self, value, tmp_path_factory):
        path = tmp_path_factory.mktemp("env") / "world.env"
        path.write_text(f"SF_PASSWORD={shlex.quote(value)}\n", encoding="utf-8")

        assert read_env_file(path) == {"SF_PASSWORD": value}

    def test_names_every_line_that_is_something_else(self, tmp_path):
        path = tmp_path / "world.env"
        path.write_text("SF_URL\nSF_PASSWORD=two words\nSF_TOKEN='open\n")

        with pytest.raises(ConfigError) as error:
            read_env_file(path)
        assert [problem.partition(":")[0] for problem in error.value.problems] == ["line 1", "line 2", "line 3"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT5M", 300), ("P1DT2H", 93600), ("PT1H30M5S", 5405), ("5m", 300), ("90 s", 90), ("2h", 7200), (300, 300)],
)
def test_a_length_of_time(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "5", "soon", True, None, 1.5, "-PT5M"])
def test_what_is_no_length_of_time(text):
    with pytest.raises(ValueError, match="no length of time"):
        parse_duration(text)
