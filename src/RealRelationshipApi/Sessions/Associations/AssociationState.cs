using System.Buffers.Binary;
using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>The cohort of an association of a site, of one provenance, and its releases.</summary>
internal sealed class AssociationState
{
    /// <summary>Value of <see cref="NextCheck"/> of a cell that is never released again.</summary>
    public const long Never = long.MaxValue;

    private const int FrozenByRelease01 = -1;

    private long? _minClients;

    private AssociationState(string key) => Key = key;

    /// <summary>As <see cref="AssociationKey.Text"/>.</summary>
    public string Key { get; }

    /// <summary>Number of releases.</summary>
    public long Epoch { get; set; }

    /// <summary>The last release that lacked patients of an earlier one. All its patients are in every later release. The first release if no patient
    /// ever left.</summary>
    public long StableSince { get; set; }

    public CohortCounts Cohort { get; set; }

    /// <summary>Number of new patients from which the cell is examined again after it could not be released; 0 otherwise, and <see cref="Never"/> for
    /// patients who may be the same people.</summary>
    public long NextCheck { get; set; }

    /// <summary>Whether a single patient or therapist dominated it when it was last examined.</summary>
    public bool IsDominated { get; set; }

    /// <summary>Its part of the last release, by level; null for a cell of release 0.1, which alone made up the release.</summary>
    public IReadOnlyList<FrozenEstimate>? Frozen { get; set; } = [];

    /// <summary>Whether a patient has left it in this transaction; not stored.</summary>
    public bool HasLosses { get; set; }

    /// <summary>Minimum number of clients of a therapist: between clients, scores are centred by therapist, so a single client contributes nothing.</summary>
    public long MinClients => _minClients ??= MinClientsOf(Key);

    public static long MinClientsOf(string cell) => AssociationKey.Parse(cell).Level == AssociationKey.WithinClient ? 1 : 2;

    /// <summary>Enqueues the query of a cell, for <see cref="Decrypt(ColumnEncryption, string, string, QueuedResult{List{byte[]}})"/>.</summary>
    public static QueuedResult<List<byte[]>> EnqueueRead(WriteTransaction transaction, string tenant, string cell) =>
        transaction.ForTenant(tenant).EnqueueQuery<byte[]>("SELECT sealed FROM cell_sum WHERE tenant = @tenant AND cell = @cell", new { cell });

    /// <summary>The cell; empty if nothing is stored.</summary>
    public static AssociationState Decrypt(ColumnEncryption encryption, string tenant, string cell, QueuedResult<List<byte[]>> content) =>
        content.Value is [var known] ? Decrypt(encryption, tenant, cell, known) : new(cell);

    /// <summary>Whether a client who joined the stratum in that epoch is in the last release.</summary>
    public bool IsInLastRelease(TherapistSums stratum, long memberSince) => Epoch > 0 && stratum.LastReleasedEpoch == Epoch && memberSince <= Epoch;

    /// <summary>Whether that client was already in the release <see cref="StableSince"/>.</summary>
    public bool IsEarly(TherapistSums stratum, long memberSince) => Math.Max(memberSince, stratum.ReleasedSince) <= StableSince;

    /// <summary>The associations of a site's sessions, released or not. Needs no decryption.</summary>
    public static IReadOnlyList<AssociationKey> ReadKeys(IDbConnection connection, string tenant) =>
        [.. connection.ForTenant(tenant).Query<string>("SELECT cell FROM cell_sum WHERE tenant = @tenant").Select(AssociationKey.Parse)];

    /// <summary>All cells of a site, sorted by key.</summary>
    public static IReadOnlyList<AssociationState> ReadAll(IDbConnection connection, ColumnEncryption encryption, string tenant) =>
        [.. connection.ForTenant(tenant).Query<Row>("SELECT cell, sealed AS Content FROM cell_sum WHERE tenant = @tenant ORDER BY cell")
            .Select(row => Decrypt(encryption, tenant, row.Cell, row.Content))];

    public void Write(WriteTransaction transaction, ColumnEncryption encryption, string tenant)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var value in new[] { Epoch, StableSince, Cohort.Patients, Cohort.Therapists, Cohort.NewPatients, Cohort.DepartedPatients, NextCheck })
        {
            writer.Write(value);
        }

        writer.Write(Frozen is null ? FrozenByRelease01 : Frozen.Count);
        foreach (var estimate in Frozen ?? [])
        {
            estimate.Write(writer);
        }

        writer.Write(IsDominated);
        writer.Flush();
        var content = stream.ToArray();
        transaction.ForTenant(tenant)
            .Enqueue(
                "INSERT INTO cell_sum (tenant, cell, sealed) VALUES (@tenant, @Key, @content) ON CONFLICT (tenant, cell) DO UPDATE SET sealed = "
                    + "excluded.sealed",
            new { Key, content = encryption.Encrypt(content, tenant, EncryptedRowPaths.Cell(Key)) });
    }

    private static AssociationState Decrypt(ColumnEncryption encryption, string tenant, string cell, byte[] sealedContent)
    {
        using var stream = new MemoryStream(encryption.Decrypt(sealedContent, tenant, EncryptedRowPaths.Cell(cell)), writable: false);
        using var reader = new BinaryReader(stream);
        var state = new AssociationState(cell)
        {
            Epoch = reader.ReadInt64(), StableSince = reader.ReadInt64(),
            Cohort = new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()),
            // Release 0.1 wrote no more.
            NextCheck = stream.Position < stream.Length ? reader.ReadInt64() : 0,
        };
        var frozen = stream.Position < stream.Length ? reader.ReadInt32() : FrozenByRelease01;
        state.Frozen = frozen == FrozenByRelease01 ? null : [.. Enumerable.Range(0, frozen).Select(_ => FrozenEstimate.Read(reader))];
        // Before, only dominated cells had to wait.
        state.IsDominated = stream.Position < stream.Length ? reader.ReadBoolean() : state.NextCheck is > 0 and < Never;
        return state;
    }

    private sealed record Row(string Cell, byte[] Content);
}

/// <summary>Numbers of excluded scores and sessions of a site, by reason.</summary>
internal static class ExclusionCounts
{
    private const string SelectSql = "SELECT sealed FROM site_count WHERE tenant = @tenant";

    public static long[] Read(IDbConnection connection, ColumnEncryption encryption, string tenant) =>
        Decrypt(encryption, tenant, connection.ForTenant(tenant).Query<byte[]>(SelectSql));

    public static QueuedResult<List<byte[]>> EnqueueRead(WriteTransaction transaction, string tenant) =>
        transaction.ForTenant(tenant).EnqueueQuery<byte[]>(SelectSql);

    public static long[] Decrypt(ColumnEncryption encryption, string tenant, IReadOnlyList<byte[]> rows)
    {
        var counts = new long[Exclusions.Length];
        if (rows is [var content])
        {
            var bytes = encryption.Decrypt(content, tenant, EncryptedRowPaths.Counts);
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
            }
        }

        return counts;
    }

    public static void Write(WriteTransaction transaction, ColumnEncryption encryption, string tenant, long[] counts)
    {
        var bytes = new byte[counts.Length * sizeof(long)];
        for (var i = 0; i < counts.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), counts[i]);
        }

        transaction.ForTenant(tenant)
            .Enqueue("INSERT INTO site_count (tenant, sealed) VALUES (@tenant, @content) ON CONFLICT (tenant) DO UPDATE SET sealed = excluded.sealed",
            new { content = encryption.Encrypt(bytes, tenant, EncryptedRowPaths.Counts) });
    }
}

/// <summary>Row paths that are the associated data of encrypted values.</summary>
internal static class EncryptedRowPaths
{
    public const string Counts = "site_count";

    public static string Measure(Pseudonym measure, long version, bool withdraws) =>
        $"measure_version/{Convert.ToHexStringLower(measure.Bytes)}/{version}/{(withdraws ? 1 : 0)}";

    public static string Patient(Pseudonym patient) => $"patient_record/{Convert.ToHexStringLower(patient.Bytes)}";

    public static string Stratum(string cell, Pseudonym stratum) => $"stratum_sum/{cell}/{Convert.ToHexStringLower(stratum.Bytes)}";

    public static string Cell(string cell) => $"cell_sum/{cell}";
}
