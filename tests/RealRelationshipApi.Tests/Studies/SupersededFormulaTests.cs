using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>Variances that an earlier release stored: they stay, and are noted where the conversion of today gives another.</summary>
public sealed class SupersededFormulaTests
{
    [Theory]
    [InlineData("r", false, null, 1 / 77.0, "")]
    [InlineData("r", true, null, 1 / 77.0, "sessionsUnknown")]
    [InlineData("r", true, 400L, 1 / 77.0, "varianceLowerBound supersededFormula")]
    [InlineData("t", false, null, 1 / 77.0, "designUnknown")]
    [InlineData("t", false, null, 1 / 70.0, "designUnknown supersededFormula")]
    public void A_variance_that_is_not_todays_is_noted(string type, bool isWithin, long? sessions, double vi, string notes)
    {
        var level = isWithin ? EffectLevel.WithinClient : EffectLevel.BetweenClient;
        var statistic = type == "r" ? new Statistic { Type = StatisticType.R, Value = 0.3, N = 80 }
            : new Statistic { Type = StatisticType.T, Value = 0.3, Df = 78 };
        var z = type == "r" ? Math.Atanh(0.3) : Math.Asinh(0.3 / Math.Sqrt(78));
        var stored = Row(z, vi).ToStoredEffect(Effect(statistic, level) with { Sessions = sessions })!;
        Assert.Equal((z, vi, notes), (stored.Yi, stored.Vi, string.Join(' ', stored.Notes)));
        // The sign of a reversed outcome is no other formula.
        Assert.Equal(notes, string.Join(' ', (Row(-z, vi) with { Turned = 1 }).ToStoredEffect(Effect(statistic, level) with { Sessions = sessions })!.Notes));
    }

    [Fact]
    public void What_is_refused_today_is_read_as_it_was_stored()
    {
        var implausible = new Statistic
        {
            Type = StatisticType.OddsRatio, Value = 4.37, Contrast = OddsRatioContrast.PerSd, Lower = 4.3, Upper = 9.5,
        };
        var stored = Row(0.7, 0.02).ToStoredEffect(Effect(implausible, EffectLevel.BetweenClient))!;
        Assert.Equal((0.7, 0.02, "supersededFormula"), (stored.Yi, stored.Vi, Assert.Single(stored.Notes)));
    }

    private static StudyEffectRow Row(double yi, double vi) => new("a", 1, 0, "e1", yi, vi, 80, 0, 0, 0, "z = atanh r, v = 1/(n-3)");

    private static EffectRecord Effect(Statistic statistic, EffectLevel level) => new()
    {
        Key = "e1",
        Sample = "a",
        Statistic = statistic,
        RelationshipMeasure = "rri-c",
        OutcomeMeasure = "phq-9",
        OutcomeDirection = OutcomeDirection.HigherIsBetter,
        Level = level,
    };
}
