using System.Data;

using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Computes a site's associations from the running sums, or from the patient records when the sums are not sufficient.</summary>
/// <param name="connection">Connection to the store.</param>
/// <param name="encryption">Decrypts the sums and records.</param>
/// <param name="tenant">The site.</param>
/// <param name="options">Window of the running sums, and limit of bootstrap intervals.</param>
internal sealed class SiteAssociationReader(IDbConnection connection, ColumnEncryption encryption, string tenant, AssociationOptions options)
{
    private const int Replicates = 1_000;
    private const ulong Seed = 1;

    /// <summary>All associations, sorted by cell.</summary>
    /// <param name="window">Relationship scores used for treatment outcome.</param>
    /// <param name="confidence">Confidence level of the intervals, strictly between 0 and 1.</param>
    public IReadOnlyList<SiteAssociation> Read(OutcomeWindow window, double confidence)
    {
        var released = options.OutcomeWindow;
        var cells = AssociationState.ReadAll(connection, encryption, tenant).Select(c => c.Key)
            .Where(key => window == released || AssociationKey.Parse(key).OutcomeType != AssociationKey.TreatmentOutcome)
            .Select(key => AssociationSums.Read(connection, encryption, tenant, key)).Where(sums => sums.ByTherapist.Values.Any(s => s.Clients > 0))
            .ToDictionary(sums => sums.Association.Text, StringComparer.Ordinal);
        var latent = cells.Values.Where(HasLatent).ToList();
        var hasBootstrap = latent.Count > 0 && latent.TrueForAll(sums => options.HasBootstrapInterval(sums.Patients));
        var contributions = hasBootstrap || window != released ? ReadContributions(window) : [];
        if (window != released)
        {
            foreach (var (key, ofCell) in contributions.Where(s => AssociationKey.Parse(s.Key).OutcomeType == AssociationKey.TreatmentOutcome))
            {
                cells.Add(key, AssociationSums.FromContributions(key, ofCell));
            }
        }

        return Compute(cells, hasBootstrap ? contributions : null, window, confidence);
    }

    /// <summary>Computes the associations of cells from given sums.</summary>
    /// <param name="cells">Sums by key.</param>
    /// <param name="shares">Patient contributions to the cells that have a latent correlation, by key; null if these get no interval.</param>
    /// <param name="window">Relationship scores used for treatment outcome.</param>
    /// <param name="confidence">Confidence level of the intervals.</param>
    public static IReadOnlyList<SiteAssociation> Compute(Dictionary<string, AssociationSums> cells, Dictionary<string, List<PatientContribution>>? shares,
        OutcomeWindow window, double confidence) =>
        [.. cells.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => Compute(c.Value, cells, shares, window, confidence))];

    private static bool HasLatent(AssociationSums sums) =>
        sums.Association is { OutcomeType: AssociationKey.SessionOutcome, Level: AssociationKey.BetweenClient, Alliance: null };

    private static IEnumerable<SiteAssociation> Compute(AssociationSums sums, Dictionary<string, AssociationSums> all,
        Dictionary<string, List<PatientContribution>>? shares, OutcomeWindow window, double confidence)
    {
        var cell = sums.Association;
        yield return SiteAssociation.From(sums, cell.Level, SiteAssociation.GetBasis(cell), sums.Correlation(confidence), window);
        if (cell is { Level: AssociationKey.WithinClient, Alliance: null })
        {
            yield return SiteAssociation.From(sums, cell.Level, SiteAssociation.Raw, sums.Raw(confidence), window);
        }

        if (HasLatent(sums))
        {
            yield return ComputeLatent(sums, all, shares, window, confidence);
            if (sums.BetweenTherapists(confidence) is { } therapists)
            {
                yield return SiteAssociation.From(sums, AssociationKey.BetweenTherapist, SiteAssociation.ObservedMeans, therapists, window);
            }
        }
    }

    private static SiteAssociation ComputeLatent(AssociationSums between, Dictionary<string, AssociationSums> all,
        Dictionary<string, List<PatientContribution>>? shares, OutcomeWindow window, double confidence)
    {
        var found = SiteAssociation.From(between, between.Association.Level, SiteAssociation.Latent, null, window);
        var within = (between.Association with { Level = AssociationKey.WithinClient }).Text;
        if (!all.TryGetValue(within, out var inside) || between.Latent(inside) is not { } latent)
        {
            return found;
        }

        var interval = shares is null ? null
            : LatentBootstrap.Interval(ToLatentClients(shares[between.Association.Text], shares.GetValueOrDefault(within) ?? []), confidence, Replicates, Seed);
        return found with { R = latent.R, Lower = interval?.Lower, Upper = interval?.Upper };
    }

    // A client's means are in the contribution to one cell, the spread of sessions around them in that to another.
    private static List<LatentClient> ToLatentClients(List<PatientContribution> means, List<PatientContribution> sessions)
    {
        var strata = means.Select(m => m.Therapist).Distinct().Index().ToDictionary(s => s.Item, s => s.Index);
        var spread = sessions.ToDictionary(s => s.Patient);
        return means.ConvertAll(share =>
        {
            var values = share.Values;
            double Within(int i) => spread.TryGetValue(share.Patient, out var own) ? FixedPoint.ToDouble(own.Values[i]) : 0;
            return new LatentClient(strata[share.Therapist], Math.Round(FixedPoint.ToDouble(values[1])), FixedPoint.ToDouble(values[3]),
                FixedPoint.ToDouble(values[4]), Within(2), Within(3), Within(5));
        });
    }

    private Dictionary<string, List<PatientContribution>> ReadContributions(OutcomeWindow window)
    {
        var all = new Dictionary<string, List<PatientContribution>>(StringComparer.Ordinal);
        foreach (var row in connection.ForTenant(tenant)
            .QueryUnbuffered<Row>("SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant ORDER BY patient"))
        {
            var patient = new Pseudonym(row.Patient);
            foreach (var (cell,
                share) in PatientContributions.Compute(PatientRecord.FromBytes(encryption.Decrypt(row.Content, tenant, EncryptedRowPaths.Patient(patient))),
                    window).ByAssociation)
            {
                if (!all.TryGetValue(cell, out var ofCell))
                {
                    all.Add(cell, ofCell = []);
                }

                ofCell.Add(share with { Patient = patient });
            }
        }

        return all;
    }

    private sealed record Row(byte[] Patient, byte[] Content);
}
