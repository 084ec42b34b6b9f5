"""Shapes of quality control over time in the API: points, pairs, readings and numbers, as plain values."""

from typing import Any, Final

from rest_framework import serializers

#: digits of a content in ppm, before and behind the point
_PPM: Final = {"max_digits": 30, "decimal_places": 12, "normalize_output": True}


def _ppm(source: str | None = None, *, null: bool = False) -> serializers.DecimalField:
    named = {} if source is None else {"source": source}
    return serializers.DecimalField(**_PPM, **named, allow_null=null)  # type: ignore[arg-type]  # keywords by name


def _share(source: str | None = None, *, null: bool = True, words: str = "") -> serializers.FloatField:
    named: dict[str, Any] = {} if source is None else {"source": source}
    return serializers.FloatField(allow_null=null, help_text=f"A fraction. {words}".strip(), **named)


class SeriesSerializer(serializers.Serializer[Any]):
    laboratory_id = serializers.UUIDField(source="key.laboratory")
    laboratory = serializers.CharField()
    method = serializers.CharField(source="key.method")
    analyte = serializers.CharField(source="key.analyte")
    oxide = serializers.CharField(source="key.oxide", help_text="Empty: reported as the element.")
    material = serializers.CharField(
        source="key.material", help_text="Empty: of a method, not of a material."
    )


class CountedSerializer(SeriesSerializer):
    count = serializers.IntegerField(help_text="Items in the newest evaluated runs.")


class BiasSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    relative = _share(words="Mean of (x − C)/C; null with fewer than five results.")
    half_width = _share(words="95 % half-width of the mean.")
    standing = serializers.CharField(help_text="TOO_FEW, FINE, WARN (over 5 %) or FAIL (over 10 %).")


class PointSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(source="point.on")
    run = serializers.CharField(source="point.run")
    item = serializers.CharField(source="point.label", help_text="As its certificate calls it.")
    lot = serializers.CharField(source="point.lot")
    qualifier = serializers.CharField(
        source="point.qualifier", help_text="“<” or “>” where only a limit was read."
    )
    ppm = _ppm("point.ppm")
    certified_ppm = _ppm("point.certified_ppm")
    sd_ppm = _ppm("point.sd_ppm")
    z = serializers.DecimalField(max_digits=60, decimal_places=4)
    rules = serializers.ListField(
        child=serializers.CharField(), help_text="Rules that it broke, the worst first."
    )
    verdict = serializers.CharField(help_text="PASS, WARN or FAIL.")


class ChartLineSerializer(SeriesSerializer):
    results = serializers.IntegerField()
    rules = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rule → how often it was broken."
    )
    bias = BiasSerializer()
    last = PointSerializer()


class ChartSerializer(SeriesSerializer):
    rules = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rule → how often it was broken."
    )
    bias = BiasSerializer()
    points = PointSerializer(many=True)


class PairSerializer(serializers.Serializer[Any]):
    on = serializers.DateField()
    run = serializers.CharField(source="number")
    item = serializers.CharField(source="label")
    stage = serializers.CharField(help_text="FIELD, COARSE, PULP, or empty where nobody said.")
    first_ppm = _ppm()
    second_ppm = _ppm()
    mean_ppm = _ppm()
    difference = _share(null=False, words="Second − first, of their mean.")
    hard = _share(null=False, words="Half the absolute relative difference.")
    poor = serializers.BooleanField()


class SpreadSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    hard_median = _share(null=False)
    hard_p90 = _share(null=False)
    amprd = _share(null=False)
    cv = _share(null=False, words="Average coefficient of variation.")
    poor = serializers.IntegerField()
    allowed = serializers.IntegerField(help_text="How many of so many pairs may be poor by chance.")
    judged = serializers.BooleanField(help_text="Whether there are twenty pairs at least.")
    fails = serializers.BooleanField()


class PairsSerializer(serializers.Serializer[Any]):
    spread = SpreadSerializer()
    pairs = PairSerializer(many=True)


class BlankSerializer(serializers.Serializer[Any]):
    on = serializers.DateField()
    run = serializers.CharField(source="number")
    item = serializers.CharField(source="label")
    material = serializers.CharField()
    read = serializers.CharField(source="shown", help_text="ppm, with its sign where only a limit was read.")
    lod_ppm = _ppm(null=True)
    warn_ppm = _ppm(null=True)
    excess_ppm = _ppm(null=True)
    before_ppm = _ppm(null=True)
    carried = _share(words="Excess as a share of the sample before it.")
    verdict = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())


class RateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()
    share_pct = serializers.DecimalField(source="share", max_digits=12, decimal_places=2)
    wanted_pct = serializers.DecimalField(source="wanted", max_digits=12, decimal_places=2, allow_null=True)
    enough = serializers.BooleanField()


class RateLineSerializer(serializers.Serializer[Any]):
    laboratory = serializers.CharField()
    method = serializers.CharField()
    runs = serializers.IntegerField()
    samples = serializers.IntegerField()
    rule_version = serializers.IntegerField(source="version", help_text="0: the defaults.")
    rates = RateSerializer(many=True)


class UmpireSerializer(serializers.Serializer[Any]):
    run = serializers.CharField(source="number")
    umpire = serializers.CharField()
    first = serializers.CharField()
    analyte = serializers.CharField(source="content")
    basis = serializers.CharField()
    n = serializers.IntegerField(source="comparison.n")
    mean = _share("comparison.mean", words="Mean relative difference, umpire − first.")
    lower = _share("comparison.lower", words="Of the 90 % interval.")
    upper = _share("comparison.upper", words="Of the 90 % interval.")
    says = serializers.CharField(source="comparison.says", help_text="TOO_FEW, EQUIVALENT or NOT_SHOWN.")


class ScoreSerializer(serializers.Serializer[Any]):
    laboratory = serializers.CharField()
    runs = serializers.IntegerField()
    samples = serializers.IntegerField()
    days = serializers.FloatField(
        allow_null=True, help_text="Median from taking samples in to reporting them."
    )
    crm = serializers.IntegerField()
    crm_failed = serializers.IntegerField()
    bias = _share(words="The largest in size of a material with five results.")
    bias_of = serializers.CharField()
    biased = serializers.IntegerField(help_text="Charts with a bias over 10 %.")
    blanks = serializers.IntegerField()
    blanks_failed = serializers.IntegerField()
    pairs = serializers.IntegerField()
    pairs_poor = serializers.IntegerField()
    evaluations = serializers.IntegerField()
    failed = serializers.IntegerField()
    without = serializers.IntegerField(help_text="Evaluations without QC that could speak.")
    overrides = serializers.IntegerField()
    returned = serializers.IntegerField()
    reruns = serializers.IntegerField()
