using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Hides the names that a site gave to instruments and scales of its own.</summary>
internal static class OwnNames
{
    private const string Own = "own";

    public static AssociationKey Hide(AssociationKey cell) => cell with { Relationship = Hide(cell.Relationship), Outcome = Hide(cell.Outcome) };

    private static SeriesKey Hide(SeriesKey series) => BuiltInInstruments.FindByCode(series.Instrument) is not { } builtIn
        ? series with { Instrument = Own, Scale = series.Scale == Instrument.Total ? Instrument.Total : Own }
        : builtIn.FindScale(series.Scale) is null ? series with { Scale = Own } : series;
}
