using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>Random histories in which one sender invents patients, another sends the same people under two systems and an outlier under a third, and
/// patients are erased. Attackers know whom they sent, keep every release, and subtract.</summary>
public sealed class SenderAttackTests(ITestOutputHelper output)
{
    private const int MinPatients = 11;
    private const string Association = "sessionOutcome|rri-c-sf/total/client|ses/total/client|betweenClient|";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_attack_succeeds(int seed)
    {
        var (releases, found) = await AttackAsync(seed, asRelease01: false);
        Assert.True(releases > 3, "too little was released to attack");
        Assert.All(found, attack => Assert.True(attack.Value.Count == 0, $"{attack.Key}: {string.Join("; ", attack.Value)}"));
    }

    [Fact]
    public async Task Every_attack_succeeds_under_the_rules_of_release_01()
    {
        var (_, found) = await AttackAsync(seed: 1, asRelease01: true);
        Assert.All(found, attack => Assert.True(attack.Value.Count > 0, $"{attack.Key} found nothing"));
    }

    private async Task<(int Releases, Dictionary<string, List<string>> Found)> AttackAsync(int seed, bool asRelease01)
    {
        await using var service = await Service.StartAsync();
        service.Services.GetRequiredService<IOptions<DisclosureOptions>>().Value.CountsAsRelease01 = asRelease01;
        var history = new History(service, new(seed), await KeyAsync(service), await KeyAsync(service));
        await history.RunAsync();
        var found = new Dictionary<string, List<string>>(StringComparer.Ordinal)
        {
            ["invented patients"] = [.. history.Isolated()],
            ["people under two systems"] = [.. history.TooFewPeople()],
            ["outliers"] = [.. history.Dominated()],
            ["erasures"] = [.. await history.LeftAfterErasuresAsync()],
        };
        output.WriteLine($"{history.Releases.Count} releases: " + string.Join(", ", found.Select(attack => $"{attack.Key} {attack.Value.Count}")));
        return (history.Releases.Count, found);
    }

    private static async Task<(string Name, string Value)> KeyAsync(Service service) =>
        ("X-API-Key", await ProductionService.CreateKeyAsync(service, Caller.DevelopmentTenant, [Scopes.SessionsWrite]));

    /// <summary>A patient under the key of one system.</summary>
    private sealed record Sent(string System, int Person, bool IsInvented);

    /// <summary>The patients behind the association in a release, by provenance.</summary>
    private sealed record Release(long Revision, Dictionary<string, Dictionary<Pseudonym, PatientContribution>> Cells)
    {
        public IEnumerable<Pseudonym> Patients => Cells.Values.SelectMany(cell => cell.Keys);
    }

    private sealed class History(Service service, Random random, (string, string) clinic, (string, string) attacker)
    {
        private readonly Dictionary<Pseudonym, Sent> _sent = [];
        private readonly HashSet<Pseudonym> _erased = [];
        private readonly Dictionary<string, (long Epoch, Dictionary<Pseudonym, PatientContribution> Members)> _released = new(StringComparer.Ordinal);
        private long _number;
        private int _persons;

        public List<Release> Releases { get; } = [];

        public async Task RunAsync()
        {
            await SendAsync("lab", ++_persons, relationship: 1, outcome: 0);
            for (var step = 0; step < 80; step++)
            {
                await StepAsync();
            }

            // Until only a few are left.
            foreach (var patient in _sent.Where(s => s.Value.Person % 9 > 0).Select(s => s.Key).ToList())
            {
                await EraseAsync(patient);
            }
        }

        /// <summary>The inventor knows the own patients: of the others a number, or the difference of two, must concern none or enough.</summary>
        public IEnumerable<string> Isolated()
        {
            var others = Releases.ConvertAll(r => r.Patients.Where(p => !_sent[p].IsInvented).ToHashSet());
            for (var i = 0; i < others.Count; i++)
            {
                if (IsFew(others[i].Count))
                {
                    yield return $"release {i} has {others[i].Count} others";
                }

                for (var j = i + 1; j < others.Count; j++)
                {
                    var (came, went) = (others[j].Except(others[i]).Count(), others[i].Except(others[j]).Count());
                    if (IsFew(came) || IsFew(went))
                    {
                        yield return $"releases {i} and {j} differ by {came} and {went} others";
                    }
                }
            }
        }

        public IEnumerable<string> TooFewPeople() => Releases.Select(r => r.Patients.Select(p => _sent[p].Person).Distinct().Count()).Where(IsFew)
            .Select(people => $"{people} people");

        /// <summary>The largest share of a patient in Σ|cross-product| of means, centred by therapist.</summary>
        public IEnumerable<string> Dominated()
        {
            foreach (var cell in Releases.SelectMany(r => r.Cells.Values))
            {
                List<double> products =
                [
                    .. cell.Values.GroupBy(c => c.Therapist, c => (X: FixedPoint.ToDouble(c.Values[3]), Y: FixedPoint.ToDouble(c.Values[4])))
                        .SelectMany(therapist => therapist.Select(p =>
                            Math.Abs((p.X - therapist.Average(q => q.X)) * (p.Y - therapist.Average(q => q.Y))))),
                ];
                if (products.Max() > 0.5 * products.Sum())
                {
                    yield return $"one of {products.Count} has {products.Max() / products.Sum():0.00}";
                }
            }
        }

        /// <summary>Numbers that can still be read, although few patients of their cell are left.</summary>
        public async Task<IEnumerable<string>> LeftAfterErasuresAsync()
        {
            var found = new List<string>();
            foreach (var release in Releases)
            {
                if ((await service.Get($"/meta/pool?source=sessions&level=betweenClient&asOf={release.Revision}")).Status != 200)
                {
                    continue;
                }

                // What stays of the cell: everybody whom it ever released.
                found.AddRange(release.Cells.Keys.Select(provenance => Releases.Where(r => r.Cells.ContainsKey(provenance))
                    .SelectMany(r => r.Cells[provenance].Keys).Distinct()
                    .Count(p => !_erased.Contains(p))).Where(IsFew).Select(left => $"{left} patients are left at revision {release.Revision}"));
            }

            return found;
        }

        private static bool IsFew(int patients) => patients is > 0 and < MinPatients;

        private Task StepAsync() => random.Next(12) switch
        {
            <= 2 => SendAsync("ehr", ++_persons),
            <= 6 => SendAsync("rom", _sent.Values.Where(s => s.System == "ehr" && !s.IsInvented).Select(s => s.Person)
                .FirstOrDefault(person => !_sent.ContainsValue(new("rom", person, false)), ++_persons)),
            <= 8 => SendAsync("lab", ++_persons, 3 + (0.01 * random.NextDouble()), 20 + (0.1 * random.NextDouble())),
            <= 10 => SendAsync("ehr", ++_persons, isInvented: true),
            _ => EraseAsync(_sent.Keys.ElementAt(random.Next(_sent.Count))),
        };

        private async Task SendAsync(string system, int person, double? relationship = null, double? outcome = null, bool isInvented = false)
        {
            var session = SessionTestData.RelationshipAndOutcome($"p{person}", $"t{person % 3}", 1,
                relationship ?? Math.Round(2.7 + (0.6 * random.NextDouble()), 2), outcome ?? Math.Round(17 + (6 * random.NextDouble()), 1));
            session["sourceSystem"] = system;
            (await service.Post("/sessions", session, isInvented ? attacker : clinic)).ShouldBe(201);
            _sent[PseudonymOf(system, person)] = new(system, person, isInvented);
            ReadRelease();
        }

        private async Task EraseAsync(Pseudonym patient)
        {
            var (system, person, isInvented) = _sent[patient];
            var erasure = new JsonObject { ["sourceSystem"] = system, ["patient"] = $"p{person}" };
            (await service.Post("/erasures", erasure, isInvented ? attacker : clinic)).ShouldBe(200);
            _erased.Add(patient);
            ReadRelease();
        }

        private Pseudonym PseudonymOf(string system, int person) =>
            new PseudonymGenerator(service.Services.GetRequiredService<PrivacyKey>(), Caller.DevelopmentTenant, system).Patient($"p{person}");

        // The patients of a cell are those of when its number was made.
        private void ReadRelease()
        {
            using var connection = service.Services.GetRequiredService<Database>().OpenSnapshot();
            if (ReleaseQueries.Latest(connection, Caller.DevelopmentTenant, service.Services.GetRequiredService<ChangeLog>()) is not { } release
                || release.Number == _number)
            {
                return;
            }

            _number = release.Number;
            var encryption = service.Services.GetRequiredService<ColumnEncryption>();
            var records = PatientRecords.ReadAll(connection, encryption, Caller.DevelopmentTenant).ToList();
            foreach (var cell in AssociationState.ReadAll(connection, encryption, Caller.DevelopmentTenant)
                .Where(c => AssociationKey.Parse(c.Key).AssociationText == Association))
            {
                var provenance = AssociationKey.Parse(cell.Key).Provenance ?? "";
                if (cell.Frozen is not { Count: > 0 })
                {
                    _released.Remove(provenance);
                }
                else if (!_released.TryGetValue(provenance, out var known) || known.Epoch != cell.Epoch)
                {
                    _released[provenance] = (cell.Epoch, ReadMembers(connection, encryption, cell, provenance, records));
                }
            }

            if (release.Content.Effects.SingleOrDefault(e => e.Cell == Association && e.Level == AssociationKey.BetweenClient) is { } effect)
            {
                Assert.Equal(effect.Patients, _released.Values.Sum(cell => cell.Members.Count));
                Releases.Add(new(release.Evidence, _released.ToDictionary(c => c.Key, c => c.Value.Members)));
            }
        }

        private static Dictionary<Pseudonym, PatientContribution> ReadMembers(System.Data.IDbConnection connection, ColumnEncryption encryption,
            AssociationState cell, string provenance, List<(Pseudonym Patient, PatientRecord Record)> records)
        {
            var sums = AssociationSums.Read(connection, encryption, Caller.DevelopmentTenant, cell.Key).ByTherapist;
            var members = new Dictionary<Pseudonym, PatientContribution>();
            foreach (var (patient, record) in records.Where(r => (r.Record.Provenance ?? "") == provenance))
            {
                if (record.MemberSince.TryGetValue(Association, out var since)
                    && PatientContributions.Compute(record, OutcomeWindow.Session3).ByAssociation.GetValueOrDefault(Association) is { } contribution
                    && cell.IsInLastRelease(sums[contribution.Therapist], since))
                {
                    members.Add(patient, contribution);
                }
            }

            return members;
        }
    }
}
