using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

internal sealed partial class DisclosureControl
{
    /// <summary>Takes associations out of all releases, past ones too, of which a change left too few patients or therapists: a number would then be
    /// nearly that of those who have left.</summary>
    public void WithdrawDepleted(IEnumerable<AssociationState> changed)
    {
        var shrunk = changed.Where(c => c is { HasLosses: true, Epoch: > 0 } && IsReleasable(c.Key)).Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
        if (shrunk.Count > 0 && !thresholds.CountsAsRelease01)
        {
            Withdraw(cell => shrunk.Contains(cell.Key) && IsDepleted(cell));
        }
    }

    /// <summary>Ends the releases of the patients of release 0.1, who may be the same people under the keys of several source systems.</summary>
    /// <param name="systems">The source system of each patient.</param>
    /// <returns>Number of associations withdrawn, because no system alone has enough patients.</returns>
    public int RetireRelease01(IReadOnlyDictionary<Pseudonym, string> systems)
    {
        var patients = ReadRecords()
            .SelectMany(r => r.Record.MemberSince.Keys.Select(association => (Association: association, System: systems.GetValueOrDefault(r.Patient, ""))))
            .GroupBy(m => m.Association, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.GroupBy(m => m.System, StringComparer.Ordinal).Max(s => s.Count()), StringComparer.Ordinal);
        foreach (var cell in AssociationState.ReadAll(transaction.Connection, encryption, tenant))
        {
            cell.NextCheck = AssociationState.Never;
            cell.Write(transaction, encryption, tenant);
        }

        return Withdraw(cell => patients.GetValueOrDefault(AssociationOf(cell)) < thresholds.MinPatients);
    }

    // Withdraws the associations with such a cell, and releases what is left of them.
    private int Withdraw(Predicate<AssociationState> isDepleted)
    {
        if (!TryFindLatest(out var last) || last is null)
        {
            return 0;
        }

        var previous = last.Content.Effects.ToLookup(e => e.Cell);
        var cells = AssociationState.ReadAll(transaction.Connection, encryption, tenant).Where(c => IsReleasable(c.Key)).ToLookup(AssociationOf);
        var effects = last.Content.Effects.ToList();
        var suppressed = last.Content.Suppressed.ToList();
        var recombined = new HashSet<ReleasedEffect>();
        var withdrawn = 0;
        foreach (var association in cells.Where(g => previous[g.Key].Any()).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var depleted = association.Where(c => c.Frozen is null or { Count: > 0 } && isDepleted(c)).ToList();
            if (depleted.Count == 0)
            {
                continue;
            }

            FreezeRelease01(association, previous[association.Key]);
            foreach (var cell in depleted)
            {
                cell.Frozen = [];
                cell.Write(transaction, encryption, tenant);
            }

            withdrawn++;
            Withdrawals.Record(transaction, tenant, association.Key);
            var left = Combine([.. association], [.. previous[association.Key]],
                previous[association.Key].Select(e => e.Level).ToHashSet(StringComparer.Ordinal));
            recombined.UnionWith(left);
            effects = [.. effects.Where(e => e.Cell != association.Key), .. left];
            if (left.Count == 0)
            {
                suppressed.Add(new(association.Key, "tooFewPatients"));
            }
        }

        if (withdrawn > 0)
        {
            Write(last.Number + 1, recordedAt => (
                [.. effects.Select(e => recombined.Contains(e) ? e with { ReleasedAt = recordedAt } : e).OrderBy(e => e.Cell, StringComparer.Ordinal)],
                [.. suppressed.OrderBy(s => s.Cell, StringComparer.Ordinal)]));
        }

        return withdrawn;
    }

    // Patients of the releases: those of the last one, and those who are withheld since.
    private bool IsDepleted(AssociationState cell)
    {
        var left = AssociationSums.Read(transaction.Connection, encryption, tenant, cell.Key).ByTherapist.Values
            .Select(s => s.ReleasedClients + s.WithheldClients).Where(patients => patients > 0).ToList();
        return left.Sum() < thresholds.MinPatients || left.Count < thresholds.MinTherapists;
    }
}
