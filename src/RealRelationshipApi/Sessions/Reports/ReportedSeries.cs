using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Reports;

/// <summary>A series of comparable scores: one instrument, scale, rater and scoring key.</summary>
internal sealed record ReportedSeries
{
    // In the order of reports.
    private static readonly string[] s_constructs =
        [ConstructNames.RealRelationship, ConstructNames.SessionOutcome, ConstructNames.TreatmentOutcome, ConstructNames.TreatmentProgress];

    /// <summary>Its code.</summary>
    public required string Instrument { get; init; }

    /// <summary>Name of the instrument.</summary>
    public required string Name { get; init; }

    /// <summary>total or a subscale.</summary>
    public required string Scale { get; init; }

    /// <summary>Who fills it in.</summary>
    public required ScoreRater Rater { get; init; }

    /// <summary>What it measures.</summary>
    public required Construct Construct { get; init; }

    /// <summary>What a higher score means.</summary>
    public required ScoreDirection Direction { get; init; }

    /// <summary>Smallest possible score; null if it is not public.</summary>
    public required double? Minimum { get; init; }

    /// <summary>Largest possible score; null if it is not public.</summary>
    public required double? Maximum { get; init; }

    /// <summary>Order of series in a report: the relationship first, then outcomes, each with its total first.</summary>
    public static IComparer<ReportedSeries> InOrder { get; } = Comparer<ReportedSeries>.Create((a, b) => SortKeyOf(a).CompareTo(SortKeyOf(b)));

    /// <summary>Whether scores of a construct are reported.</summary>
    public static bool IsReported(PatientScore score) => score.State == ScoreState.Analysed && s_constructs.Contains(score.Construct);

    public static ReportedSeries Of(ScoreForm form, string construct, InstrumentSet instruments)
    {
        var instrument = instruments.Find(form.Instrument, form.KeyVersion).Instrument
            ?? throw new InvalidOperationException($"A score is of instrument {form.Instrument}, which is not stored.");
        var scale = instrument.FindScale(form.Scale);
        return new()
        {
            Instrument = instrument.Code,
            Name = instrument.Name,
            Scale = form.Scale,
            Rater = EnumNames<ScoreRater>.Parse(form.Rater),
            Construct = EnumNames<Construct>.Parse(construct),
            Direction = instrument.Direction,
            Minimum = scale?.Minimum,
            Maximum = scale?.Maximum,
        };
    }

    /// <summary>Turns a score as stored, higher is better, into one as sent, or back.</summary>
    public double Turn(double score) => Direction == ScoreDirection.Worse ? -score : score;

    private static (int Construct, bool IsSubscale, string Instrument, string Scale, ScoreRater Rater) SortKeyOf(ReportedSeries series) =>
        (Array.IndexOf(s_constructs, EnumNames<Construct>.Of(series.Construct)), series.Scale != Instruments.Instrument.Total, series.Instrument, series.Scale,
            series.Rater);
}
