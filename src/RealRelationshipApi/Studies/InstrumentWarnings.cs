using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>Doubts about the measures of a submitted study, which is stored nevertheless.</summary>
internal static class InstrumentWarnings
{
    public static IEnumerable<Warning> Of(Study study) => study.Effects.Select(OtherConstruct).OfType<Warning>().Concat(study.Effects.SelectMany(Of));

    private static Warning? OtherConstruct(StudyEffect effect)
    {
        var construct = MeasureCatalogue.ConstructOf(effect.Request.OutcomeMeasure);
        var name = EnumNames<OutcomeConstruct>.Of(construct);
        return construct == OutcomeConstruct.Outcome ? null : new($"{name}AsOutcome",
            $"{effect.Request.Key}: {effect.Request.OutcomeMeasure} measures {name}, not an outcome; it is pooled with outcomeConstruct={name} or all only.");
    }

    private static IEnumerable<Warning> Of(StudyEffect effect)
    {
        var reported = effect.Request;
        if (effect.Stored is null)
        {
            yield break;
        }

        foreach (var measure in new[] { reported.RelationshipMeasure, reported.OutcomeMeasure }.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (BuiltInInstruments.FindByCode(measure) is null)
            {
                yield return new("unknownInstrument", $"{reported.Key}: {measure} is not in the catalogue"
                    + (SimilarNames.Nearest(measure, BuiltInInstruments.All.Select(i => i.Code)) is { } nearest ? $"; did you mean {nearest}?" : "."));
            }
        }

        if (BuiltInInstruments.FindByCode(reported.OutcomeMeasure) is { } instrument
            && DirectionOf(instrument.Direction) is var expected && expected != reported.OutcomeDirection)
        {
            yield return new("directionAgainstInstrument", $"{reported.Key}: a higher {reported.OutcomeMeasure} is {Word(expected)}, and the effect says "
                + $"{Word(reported.OutcomeDirection)}. If the score was not reversed before, its sign is wrong.");
        }

        if (effect.Stored is { SignReversed: true, Yi: < 0 })
        {
            yield return new("negativeAfterReversal", $"{reported.Key}: after its sign was reversed the effect is negative. If the publication reversed the "
                + "score already, outcomeDirection is higherIsBetter.");
        }
    }

    private static string Word(OutcomeDirection direction) => direction == OutcomeDirection.HigherIsBetter ? "better" : "worse";

    private static OutcomeDirection DirectionOf(ScoreDirection direction) =>
        direction == ScoreDirection.Worse ? OutcomeDirection.HigherIsWorse : OutcomeDirection.HigherIsBetter;
}
