namespace RealRelationshipApi.Sessions.Associations;

/// <summary>A patient's record in a transaction.</summary>
/// <param name="record">The record, which changes.</param>
/// <param name="before">What the patient contributed before the change.</param>
internal sealed class PatientState(PatientRecord record, PatientContributions before)
{
    public PatientRecord Record => record;

    public PatientContributions Before => before;

    /// <summary>The record that this one was united with.</summary>
    public PatientState? MergedInto { get; set; }

    /// <summary>Associations that the person was released in, or withheld from, under another key.</summary>
    public HashSet<string> ToWithhold { get; } = new(StringComparer.Ordinal);
}

/// <summary>A patient's contribution to an association before and after the change.</summary>
internal sealed record ContributionChange(PatientState State, string Association, PatientContribution? Before, PatientContribution? After);
