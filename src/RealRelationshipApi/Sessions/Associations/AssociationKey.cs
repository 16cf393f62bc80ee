namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Identifies an association, also called a cell: outcome type, series of relationship and outcome scores, level, alliance series.</summary>
/// <param name="OutcomeType">sessionOutcome, treatmentOutcome or treatmentProgress.</param>
/// <param name="Relationship">The series of relationship scores.</param>
/// <param name="Outcome">The series of outcome scores.</param>
/// <param name="Level">withinClient or betweenClient.</param>
/// <param name="Alliance">The series that is partialled out; null in the ordinary association.</param>
internal sealed record AssociationKey(string OutcomeType, SeriesKey Relationship, SeriesKey Outcome, string Level, SeriesKey? Alliance)
{
    public const string WithinClient = "withinClient";
    public const string BetweenClient = "betweenClient";
    public const string BetweenTherapist = "betweenTherapist";
    public const string SessionOutcome = "sessionOutcome";
    public const string TreatmentOutcome = "treatmentOutcome";
    public const string TreatmentProgress = "treatmentProgress";

    /// <summary>Number of variables: x, y, and those partialled out (session number within clients, first score for treatment outcome, alliance).</summary>
    public int Variables => 2 + (Level == WithinClient || OutcomeType == TreatmentOutcome ? 1 : 0) + (Alliance is null ? 0 : 1);

    /// <summary>Which patients of the site the sums are of; null for those of release 0.1, and for the association as a whole.</summary>
    /// <inheritdoc cref="Associations.Provenance"/>
    public string? Provenance { get; init; }

    /// <summary>Key of the cell in the store.</summary>
    public string Text => WithProvenance(AssociationText, Provenance);

    /// <summary>Key of the association, whatever the provenance.</summary>
    public string AssociationText => $"{OutcomeType}|{Relationship.Text}|{Outcome.Text}|{Level}|{Alliance?.Text}";

    /// <summary>Key of an association's cell of some provenance.</summary>
    public static string WithProvenance(string association, string? provenance) => provenance is null ? association : $"{association}|{provenance}";

    public static AssociationKey Parse(string key)
    {
        var parts = key.Split('|');
        return new(parts[0], SeriesKey.Parse(parts[1]), SeriesKey.Parse(parts[2]), parts[3], parts[4].Length == 0 ? null : SeriesKey.Parse(parts[4]))
        {
            Provenance = parts.Length > 5 ? parts[5] : null,
        };
    }
}

/// <summary>A series of comparable scores: one instrument, scale and rater.</summary>
internal sealed record SeriesKey(string Instrument, string Scale, string Rater)
{
    public string Text => $"{Instrument}/{Scale}/{Rater}";

    public static SeriesKey Parse(string key) =>
        key.Split('/') is [var instrument, var scale, var rater] ? new(instrument, scale, rater)
            : throw new FormatException("A series has three parts.");
}
