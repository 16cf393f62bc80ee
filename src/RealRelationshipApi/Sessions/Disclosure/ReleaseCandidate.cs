using RealRelationship.Statistics.SessionCorrelations;

using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>A cell that has reached the thresholds of a release.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Stored">Its stored sums.</param>
/// <param name="Sums">The sums over the patients that are to be released.</param>
/// <param name="Withheld">Patients that are to be withheld from this release and all later ones.</param>
internal sealed record ReleaseCandidate(AssociationState Cell, AssociationSums Stored, AssociationSums Sums, IReadOnlyList<ReleasedPatient> Withheld)
{
    private const double Confidence = 0.95;

    private readonly HashSet<Pseudonym> _withheld = [.. Withheld.Select(w => w.Patient)];

    public Dominance Dominance { get; } = new(Sums);

    public bool IsEstimable => Sums.Correlation(Confidence) is not null;

    /// <summary>Adds a patient of the site to the dominance rule if it is to be released.</summary>
    public void Examine(Pseudonym patient, PatientRecord record, PatientContributions contributions)
    {
        var association = Sums.Association.AssociationText;
        if (record.Provenance == Sums.Association.Provenance && record.MemberSince.ContainsKey(association) && !_withheld.Contains(patient)
            && contributions.ByAssociation.GetValueOrDefault(association) is { } contribution && Sums.ByTherapist.ContainsKey(contribution.Therapist))
        {
            Dominance.Add(contribution);
        }
    }

    /// <summary>The numbers to release: at the level of the cell, and between therapists if that can be estimated.</summary>
    public IReadOnlyList<FrozenEstimate> Estimate()
    {
        var estimates = new List<FrozenEstimate>
        {
            Freeze(Sums.Association.Level, SiteAssociation.GetBasis(Sums.Association), Sums.Correlation(Confidence)!),
        };
        if (Sums.Association is { Level: AssociationKey.BetweenClient, OutcomeType: AssociationKey.SessionOutcome } && Sums.KnownTherapists == Sums.Therapists
            && Sums.BetweenTherapists(Confidence) is { } therapists)
        {
            estimates.Add(Freeze(AssociationKey.BetweenTherapist, SiteAssociation.ObservedMeans, therapists));
        }

        return estimates;
    }

    private FrozenEstimate Freeze(string level, string basis, SessionCorrelation found) =>
        new(level, basis, ReleaseRounding.OfZ(found.Z), ReleaseRounding.OfVariance(found.StandardError * found.StandardError), Sums.Patients);
}
