using System.ComponentModel.DataAnnotations;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>How a site's sessions are analysed.</summary>
internal sealed class AssociationOptions
{
    public const string Section = "Sessions";

    /// <summary>When the relationship is taken for the association with treatment outcome; one for all sites and for good,
    /// because two windows could be subtracted.</summary>
    public OutcomeWindow OutcomeWindow { get; set; }

    /// <summary>Up to how many patients a latent correlation gets a bootstrap interval, which decrypts each record
    /// and draws it a thousand times.</summary>
    internal long MaxBootstrapPatients { get; set; } = 100_000;

    /// <summary>Whether a latent correlation of so many patients gets an interval.</summary>
    internal bool HasBootstrapInterval(long patients) => patients <= MaxBootstrapPatients;
}

/// <summary>Thresholds of disclosure control.</summary>
internal sealed class DisclosureOptions
{
    public const string Section = "Privacy";

    /// <summary>Minimum number of patients; also of new patients, and of departed ones, between two releases.</summary>
    [Range(11, 1_000_000)]
    public int MinPatients { get; set; } = 11;

    [Range(3, 1_000_000)]
    public int MinTherapists { get; set; } = 3;

    /// <summary>A release needs one new patient in so many: otherwise a large site would change everybody's results with every eleven of its own.</summary>
    internal int NewPatientDivisor { get; set; } = 10;
}
