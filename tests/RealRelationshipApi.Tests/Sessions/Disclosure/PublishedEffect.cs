using System.Globalization;

using Dapper;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>A published number with the patients behind it, which is more than an attacker knows.</summary>
/// <param name="Series">Cell and level: what one would subtract from what.</param>
/// <param name="Effect">What everybody sees.</param>
/// <param name="Members">The patients it rests on, with what each added.</param>
internal sealed record PublishedEffect(string Series, ReleasedEffect Effect, IReadOnlyDictionary<Pseudonym, PatientContribution> Members)
{
    /// <summary>The effects of a new release; empty for cells that kept their numbers.</summary>
    public static async Task<List<PublishedEffect>> FromReleaseAsync(Service service, SiteRelease release)
    {
        using var connection = service.Services.GetRequiredService<Database>().OpenSnapshot();
        var sealer = service.Services.GetRequiredService<ColumnEncryption>();
        var records = PatientRecords.ReadAll(connection, sealer, Caller.DevelopmentTenant).ToList();
        return [.. release.Content.Effects.Where(e => e.ReleasedAt == release.RecordedAt).Select(effect =>
        {
            var cells = AssociationState.ReadAll(connection, sealer, Caller.DevelopmentTenant)
                .Where(c => (AssociationKey.Parse(c.Key) with { Provenance = null }).Text == effect.Cell)
                .ToDictionary(c => AssociationKey.Parse(c.Key).Provenance ?? "");
            var sums = cells.ToDictionary(c => c.Key, c => AssociationSums.Read(connection, sealer, Caller.DevelopmentTenant, c.Value.Key).ByTherapist);
            var members = new Dictionary<Pseudonym, PatientContribution>();
            foreach (var (patient, record) in records)
            {
                if (!cells.TryGetValue(record.Provenance ?? "", out var cell))
                {
                    continue;
                }

                var strata = sums[record.Provenance ?? ""];
                if (record.MemberSince.TryGetValue(effect.Cell, out var joined)
                    && PatientContributions.Compute(record, OutcomeWindow.Session3).ByAssociation.GetValueOrDefault(effect.Cell) is { } share
                    && cell.IsInLastRelease(strata[share.Therapist], joined))
                {
                    members.Add(patient, share);
                }
            }

            return new PublishedEffect($"{effect.Cell} {effect.Level}", effect, members).VerifyAgainstRelease();
        })];
    }

    /// <summary>What the number would be with others.</summary>
    public double? EstimateFrom(IEnumerable<PatientContribution> shares) =>
        AssociationSums.FromContributions(Effect.Cell, shares) is var sums && Effect.Level == AssociationKey.BetweenTherapist ? sums.BetweenTherapists(0.95)?.Z
            : sums.Correlation(0.95)?.Z;

    // Checks that the members give the published number.
    private PublishedEffect VerifyAgainstRelease()
    {
        Assert.Equal(Effect.Patients, Members.Count);
        Assert.Equal(Effect.Yi, Math.Round(EstimateFrom(Members.Values)!.Value, 3), 1e-12);
        return this;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Series} at epoch {Effect.Epoch}: {Members.Count} patients");
}
