using System.Globalization;

using Dapper;

using Microsoft.Extensions.DependencyInjection;

using RealRelationshipApi.Access;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Releases;
using RealRelationshipApi.Sessions.StageOne;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Sessions.Attack;

/// <summary>A number that became public, and whose it was at that moment: more than any attacker is told.</summary>
/// <param name="Series">Cell and level: what one would subtract from what.</param>
/// <param name="Effect">What everybody sees.</param>
/// <param name="Members">The patients it rests on, with what each added.</param>
internal sealed record Publication(string Series, ReleasedEffect Effect, IReadOnlyDictionary<Pseudonym, Share> Members)
{
    /// <summary>What a release just made public, or nothing where a cell only kept its numbers.</summary>
    public static async Task<List<Publication>> OfAsync(Service service, Release release)
    {
        await using var connection = await service.Parts.GetRequiredService<Database>().OpenReaderAsync(CancellationToken.None);
        var sealer = service.Parts.GetRequiredService<Sealer>();
        var records = connection.Query<(byte[] Patient, byte[] Content)>("SELECT patient, sealed FROM patient_record")
            .Select(r => (Patient: new Pseudonym(r.Patient), Record: PatientRecord.FromBytes(sealer.Open(r.Content, Caller.DevelopmentTenant, Places.Patient(new(r.Patient)))))).ToList();
        return [.. release.Content.Effects.Where(e => e.ReleasedAt == release.RecordedAt).Select(effect =>
        {
            var cell = CellSum.From(sealer, Caller.DevelopmentTenant, effect.Cell, CellSum.Ask(connection, Caller.DevelopmentTenant, effect.Cell));
            var strata = CellSums.Read(connection, sealer, Caller.DevelopmentTenant, effect.Cell).Strata;
            var members = new Dictionary<Pseudonym, Share>();
            foreach (var (patient, record) in records)
            {
                if (record.Joined.TryGetValue(effect.Cell, out var joined) && Shares.Of(record, OutcomeWindow.Session3).ByCell.GetValueOrDefault(effect.Cell) is { } share
                    && cell.Released(strata[share.Stratum], joined))
                {
                    members.Add(patient, share);
                }
            }

            return new Publication($"{effect.Cell} {effect.Level}", effect, members).Checked();
        })];
    }

    /// <summary>What the number would be with others.</summary>
    public double? Estimate(IEnumerable<Share> shares) =>
        CellSums.Of(Effect.Cell, shares) is var sums && Effect.Level == Cell.BetweenTherapist ? sums.BetweenTherapists(0.95)?.Z : sums.Correlation(0.95)?.Z;

    // The members are not taken on trust: they must give the number that was published.
    private Publication Checked()
    {
        Assert.Equal(Effect.Patients, Members.Count);
        Assert.Equal(Effect.Yi, Estimate(Members.Values)!.Value, 1e-12);
        return this;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Series} at epoch {Effect.Epoch}: {Members.Count} patients");
}
