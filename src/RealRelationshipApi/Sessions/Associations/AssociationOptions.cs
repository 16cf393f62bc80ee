using System.ComponentModel.DataAnnotations;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>What of a site's sessions is analysed, and when it may leave the site.</summary>
public sealed class AssociationOptions
{
    public const string Section = "Sessions";

    /// <summary>When the relationship is taken for the association with treatment outcome; one for all sites and for good,
    /// because two windows could be subtracted.</summary>
    public OutcomeWindow OutcomeWindow { get; set; }

    /// <summary>Of how many patients a latent correlation is still given its interval: it costs the opening of each record,
    /// and a thousand draws of each.</summary>
    internal long MaxBootstrapPatients { get; set; } = 100_000;

    /// <summary>Whether so many patients are drawn.</summary>
    internal bool HasBootstrapInterval(long patients) => patients <= MaxBootstrapPatients;
}

/// <summary>How many people a released number rests on at the least.</summary>
public sealed class DisclosureOptions
{
    public const string Section = "Privacy";

    /// <summary>Patients; also how many must have come, and gone, between two releases.</summary>
    [Range(11, 1_000_000)]
    public int MinPatients { get; set; } = 11;

    [Range(3, 1_000_000)]
    public int MinTherapists { get; set; } = 3;

    /// <summary>One of so many patients must be new at a release: otherwise a large site would move everybody's answers with every eleven of its own.</summary>
    internal int NewPatientDivisor { get; set; } = 10;
}
