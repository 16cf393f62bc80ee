using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>What an outcome measure measures.</summary>
internal enum OutcomeConstruct { Outcome, Alliance, Satisfaction }

/// <summary>What the catalogue says of the measures of effects, whatever a study or a site says; unknown outcome measures count as outcomes.</summary>
internal static class MeasureCatalogue
{
    /// <param name="measure">Instrument code; case-insensitive.</param>
    public static OutcomeConstruct Of(string? measure) => (measure is null ? null : BuiltInInstruments.FindByCode(measure))?.Construct switch
    {
        Construct.Alliance => OutcomeConstruct.Alliance,
        Construct.Satisfaction => OutcomeConstruct.Satisfaction,
        _ => OutcomeConstruct.Outcome,
    };

    /// <summary>Code of the long form, in lower case, of a measure that is a short form by the catalogue; null for any other measure.</summary>
    public static string? LongFormOf(string measure) => BuiltInInstruments.LongFormOf(measure);

    /// <summary>A warning for each effect whose outcome is no outcome.</summary>
    public static IEnumerable<Warning> Warnings(Study study) =>
        from effect in study.Effects
        let construct = Of(effect.Request.OutcomeMeasure)
        where construct != OutcomeConstruct.Outcome
        select new Warning($"{EnumNames<OutcomeConstruct>.Of(construct)}AsOutcome",
            $"{effect.Request.Key}: {effect.Request.OutcomeMeasure} measures {EnumNames<OutcomeConstruct>.Of(construct)}, not an outcome; it is pooled with "
                + $"outcomeConstruct={EnumNames<OutcomeConstruct>.Of(construct)} or all only.");
}
