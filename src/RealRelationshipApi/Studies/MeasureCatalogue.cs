using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Studies;

/// <summary>What an outcome measure measures.</summary>
internal enum OutcomeConstruct { Outcome, Alliance, Satisfaction }

/// <summary>What the catalogue says of the measures of effects, whatever a study or a site says; unknown outcome measures count as outcomes.</summary>
internal static class MeasureCatalogue
{
    /// <summary>What an outcome measure measures.</summary>
    /// <param name="measure">Instrument code; case-insensitive.</param>
    public static OutcomeConstruct ConstructOf(string? measure) => (measure is null ? null : BuiltInInstruments.FindByCode(measure))?.Construct switch
    {
        Construct.Alliance => OutcomeConstruct.Alliance,
        Construct.Satisfaction => OutcomeConstruct.Satisfaction,
        _ => OutcomeConstruct.Outcome,
    };

    /// <summary>Code of the long form, in lower case, of a measure that is a short form by the catalogue; null for any other measure.</summary>
    public static string? LongFormOf(string measure) => BuiltInInstruments.FindByCode(measure)?.ShortFormOf;

    /// <summary>Whether a scale is the total of its form, as is one without a name.</summary>
    public static bool IsTotal(string? scale) => scale is null or Instrument.Total;
}
