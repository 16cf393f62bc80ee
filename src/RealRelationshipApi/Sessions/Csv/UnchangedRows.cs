using System.Buffers.Binary;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>Scores that files of an export had as they were stored. They are no new versions, so that nothing else tells whether another file of the export
/// may change them.</summary>
internal sealed class UnchangedRows(string tenant, Pseudonym system, long exportedAt)
{
    // The first 64 bits of keys: for a million rows, two agree with probability 3e-8.
    private readonly HashSet<ulong> _earlier = [];

    /// <summary>Forgets those of the export before.</summary>
    public void Begin(WriteTransaction transaction) => transaction.ForTenant(tenant)
        .Enqueue("DELETE FROM csv_unchanged WHERE tenant = @tenant AND system = @system", new { system = system.Bytes });

    /// <summary>Reads those of earlier files of the same export.</summary>
    /// <exception cref="TamperedDataException">A row was edited.</exception>
    public void Continue(WriteTransaction transaction)
    {
        foreach (var row in transaction.Connection.ForTenant(tenant).Query<CsvUnchangedRow>(
            $"SELECT {CsvUnchangedRow.Columns} FROM csv_unchanged WHERE tenant = @tenant AND system = @system AND exported_at = @exportedAt",
            new { system = system.Bytes, exportedAt }))
        {
            for (var keys = row.Verified(transaction.CreateHash).Measures.AsSpan(); keys.Length > 0; keys = keys[sizeof(ulong)..])
            {
                _earlier.Add(BinaryPrimitives.ReadUInt64LittleEndian(keys));
            }
        }
    }

    /// <summary>Marks the measures that an earlier file had unchanged.</summary>
    public void Mark(IReadOnlyList<PreparedSession> rows)
    {
        if (_earlier.Count == 0)
        {
            return;
        }

        foreach (var measure in rows.SelectMany(row => row.Measures).Select(m => m.Measure).OfType<SessionMeasure>().Where(m => m.IsVersionedByReceipt))
        {
            measure.IsUnchangedInExport = _earlier.Contains(KeyOf(measure));
        }
    }

    /// <summary>Stores which of these rows were unchanged.</summary>
    public async Task AddAsync(GroupCommitWriter writer, IReadOnlyList<PreparedSession> rows, IReadOnlyList<SessionOutcome> outcomes,
        CancellationToken cancellationToken)
    {
        var keys = rows.Zip(outcomes).SelectMany(pair => pair.First.Measures.Zip(pair.Second.Measures))
            .Where(pair => pair is
            {
                First.Measure: { IsVersionedByReceipt: true, IsUnchangedInExport: false }, Second.Outcome.Status: StatusCodes.Status200OK,
            })
            .Select(pair => KeyOf(pair.First.Measure!)).ToList();
        if (keys.Count == 0)
        {
            return;
        }

        var measures = new byte[keys.Count * sizeof(ulong)];
        foreach (var (i, key) in keys.Index())
        {
            BinaryPrimitives.WriteUInt64LittleEndian(measures.AsSpan(i * sizeof(ulong)), key);
        }

        await writer.WriteAsync(transaction =>
        {
            transaction.ForTenant(tenant).Enqueue(
                "INSERT INTO csv_unchanged (tenant, system, id, exported_at, measures, mac) VALUES (@tenant, @System, @Id, @ExportedAt, @Measures, @Mac)",
                new CsvUnchangedRow(tenant, system.Bytes, Guid.CreateVersion7().ToString(), exportedAt, measures, null).Signed(transaction.CreateHash));
            return true;
        }, cancellationToken);
    }

    private static ulong KeyOf(SessionMeasure measure) => BinaryPrimitives.ReadUInt64LittleEndian(measure.Key.Bytes);
}
