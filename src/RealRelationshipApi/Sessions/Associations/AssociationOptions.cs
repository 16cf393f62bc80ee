using System.ComponentModel.DataAnnotations;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Options of the analysis of a site's sessions.</summary>
internal sealed class AssociationOptions
{
    public const string Section = "Sessions";

    /// <summary>Which relationship scores predict treatment outcome. The same for all sites and never changed: releases of two windows could be
    /// subtracted.</summary>
    public OutcomeWindow OutcomeWindow { get; set; }

    /// <summary>Maximum number of patients for the bootstrap interval of a latent correlation, which decrypts every record and resamples 1,000 times.</summary>
    internal long MaxBootstrapPatients { get; set; } = 100_000;

    /// <summary>Whether a latent correlation of that many patients gets an interval.</summary>
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

    /// <summary>A release needs at least patients / divisor new ones, so that a large site does not change the shared results with every 11 patients.</summary>
    internal int NewPatientDivisor { get; set; } = 10;

    /// <summary>The weaker rules of release 0.1, which tests attack: keys of all senders count together, nobody dominates, and
    /// nothing is withdrawn.</summary>
    internal bool CountsAsRelease01 { get; set; }
}
