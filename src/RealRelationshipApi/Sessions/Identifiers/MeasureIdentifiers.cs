using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Identifiers;

/// <summary>Further identifiers of measures, as a write transaction sees them.</summary>
internal sealed class MeasureIdentifiers(WriteTransaction transaction, string tenant)
{
    /// <summary>With a second target an identifier tells no measure apart, and with more of them no better.</summary>
    public const int MaxTargets = 2;

    private readonly Dictionary<Pseudonym, QueuedResult<List<MeasureIdentifierRow>>> _pending = [];
    private readonly Dictionary<Pseudonym, List<Pseudonym>> _known = [];

    private readonly QueuedResult<List<byte[]>> _any = transaction.ForTenant(tenant)
        .EnqueueQuery<byte[]>("SELECT identifier FROM measure_identifier WHERE tenant = @tenant LIMIT 1");

    private bool _hasWritten;

    private bool HasIdentifiers => _hasWritten || _any.Value.Count > 0;

    /// <summary>Enqueues the query of an identifier for <see cref="TargetsOf"/>.</summary>
    public void Prefetch(Pseudonym identifier)
    {
        if (HasIdentifiers)
        {
            Query(identifier);
        }
    }

    /// <summary>The measures that an identifier was given for in addition to their own key; two, among them that of the own key, if it does not tell them
    /// apart.</summary>
    /// <exception cref="TamperedDataException">A row was edited.</exception>
    public IReadOnlyList<Pseudonym> TargetsOf(Pseudonym identifier) => Known(identifier);

    /// <summary>Stores that an identifier is one of a measure.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="target">The measure.</param>
    /// <param name="patient">Its patient; null if not known yet.</param>
    public void Add(Pseudonym identifier, Pseudonym target, Pseudonym? patient)
    {
        if (identifier != target)
        {
            Insert(identifier, target, patient);
        }
    }

    /// <summary>Stores that an identifier is one of two measures, and tells none apart.</summary>
    /// <param name="identifier">The identifier; it may be the key of the first.</param>
    /// <param name="first">One of them, and its patient.</param>
    /// <param name="second">The other, and its patient.</param>
    public void Share(Pseudonym identifier, (Pseudonym Target, Pseudonym? Patient) first, (Pseudonym Target, Pseudonym? Patient) second)
    {
        Insert(identifier, first.Target, first.Patient);
        Insert(identifier, second.Target, second.Patient);
    }

    /// <summary>Whether a measure has further identifiers.</summary>
    public bool HasOthers(Pseudonym target, Pseudonym? patient) => RowsOf(target, patient).Count > 0;

    private void Insert(Pseudonym identifier, Pseudonym target, Pseudonym? patient)
    {
        var targets = Known(identifier);
        if (targets.Contains(target) || targets.Count >= MaxTargets)
        {
            return;
        }

        transaction.ForTenant(tenant).Enqueue(
            "INSERT INTO measure_identifier (tenant, identifier, target, patient, mac) VALUES (@tenant, @Identifier, @Target, @Patient, @Mac) "
                + "ON CONFLICT (tenant, identifier, target) DO UPDATE SET patient = @Patient, mac = @Mac",
            new MeasureIdentifierRow(tenant, identifier.Bytes, target.Bytes, patient?.Bytes, null).Signed(transaction.CreateHash));
        targets.Add(target);
        _hasWritten = true;
    }

    /// <summary>Moves the identifiers of a measure to another one, which it turned out to be.</summary>
    public void Move(Pseudonym from, Pseudonym to, Pseudonym? patient)
    {
        foreach (var row in RowsOf(from, patient))
        {
            transaction.ForTenant(tenant).Enqueue(
                "DELETE FROM measure_identifier WHERE tenant = @tenant AND identifier = @Identifier AND target = @Target", row);
            Known(new(row.Identifier)).Remove(from);
            Add(new(row.Identifier), to, patient);
        }

        Add(from, to, patient);
    }

    /// <summary>Assigns the identifiers of a measure to the patient that it belongs to now.</summary>
    public void SetPatient(Pseudonym target, Pseudonym? before, Pseudonym patient)
    {
        foreach (var row in RowsOf(target, before))
        {
            transaction.ForTenant(tenant).Enqueue(
                "UPDATE measure_identifier SET patient = @Patient, mac = @Mac WHERE tenant = @tenant AND identifier = @Identifier AND target = @Target",
                (row with { Patient = patient.Bytes }).Signed(transaction.CreateHash));
        }
    }

    private IReadOnlyList<MeasureIdentifierRow> RowsOf(Pseudonym target, Pseudonym? patient) => !HasIdentifiers ? []
        : transaction.Connection.ForTenant(tenant).Query<MeasureIdentifierRow>(
            $"SELECT {MeasureIdentifierRow.Columns} FROM measure_identifier WHERE tenant = @tenant AND target = @target AND (patient = @patient OR patient "
                + "IS NULL)", new { target = target.Bytes, patient = (patient ?? Pseudonym.None).Bytes });

    private List<Pseudonym> Known(Pseudonym identifier)
    {
        if (!_known.TryGetValue(identifier, out var targets))
        {
            targets = HasIdentifiers ? Query(identifier).Value.ConvertAll(row => new Pseudonym(row.Verified(transaction.CreateHash).Target)) : [];
            _known.Add(identifier, targets);
        }

        return targets;
    }

    private QueuedResult<List<MeasureIdentifierRow>> Query(Pseudonym identifier) => _pending.TryGetValue(identifier, out var queued) ? queued
        : _pending[identifier] = transaction.ForTenant(tenant).EnqueueQuery<MeasureIdentifierRow>(
            $"SELECT {MeasureIdentifierRow.Columns} FROM measure_identifier WHERE tenant = @tenant AND identifier = @identifier ORDER BY target",
            new { identifier = identifier.Bytes });
}
