using System.Buffers.Binary;
using System.Data;

using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.StageOne;

/// <summary>How many people a cell of a site rests on, and how often it was released.</summary>
internal sealed class CellSum
{
    private CellSum(string key, long epoch, long wholeSince, Membership members) => (Key, Epoch, WholeSince, Members) = (key, epoch, wholeSince, members);

    /// <summary>As <see cref="Cell.Key"/>.</summary>
    public string Key { get; }

    /// <summary>Releases so far.</summary>
    public long Epoch { get; set; }

    /// <summary>The last release that some of those before it had left; of those who stand in it everybody stands in all since. The first when nobody ever left.</summary>
    public long WholeSince { get; set; }

    public Membership Members { get; set; }

    /// <summary>A therapist's clients are centred among themselves, so that between clients one alone says nothing.</summary>
    public static long FewestClients(string cell) => Cell.Parse(cell).Level == Cell.WithinClient ? 1 : 2;

    /// <summary>Asks for a cell, to be opened by <see cref="From(Sealer, string, string, Answer{byte[]})"/>.</summary>
    public static Answer<byte[]> Ask(IDbConnection connection, string tenant, string cell) =>
        connection.OfSite(tenant).Ask<byte[]>("SELECT sealed FROM cell_sum WHERE tenant = @tenant AND cell = @cell", new { cell });

    /// <summary>The cell; one that nobody stands in where nothing is stored.</summary>
    public static CellSum From(Sealer sealer, string tenant, string cell, Answer<byte[]> content) =>
        content.Rows is [var known] ? From(sealer, tenant, cell, known) : new(cell, 0, 0, default);

    /// <summary>Whether a client who joined a stratum at an epoch stands in the last release.</summary>
    public bool Released(Stratum stratum, long joined) => Epoch > 0 && stratum.IncludedAt == Epoch && joined <= Epoch;

    /// <summary>Whether one who does stood in <see cref="WholeSince"/> already.</summary>
    public bool IsEarly(Stratum stratum, long joined) => Math.Max(joined, stratum.Since) <= WholeSince;

    /// <summary>All cells of a site, in the order of their keys.</summary>
    public static IReadOnlyList<CellSum> ReadAll(IDbConnection connection, Sealer sealer, string tenant) =>
        [.. connection.OfSite(tenant).Query<Row>("SELECT cell, sealed AS Content FROM cell_sum WHERE tenant = @tenant ORDER BY cell")
            .Select(row => From(sealer, tenant, row.Cell, row.Content))];

    public void Write(IDbConnection connection, Sealer sealer, string tenant)
    {
        var content = new byte[6 * sizeof(long)];
        long[] values = [Epoch, WholeSince, Members.Patients, Members.Therapists, Members.Entered, Members.Left];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(i * sizeof(long)), values[i]);
        }

        connection.OfSite(tenant).Send("INSERT INTO cell_sum (tenant, cell, sealed) VALUES (@tenant, @Key, @content) ON CONFLICT (tenant, cell) DO UPDATE SET sealed = excluded.sealed",
            new { Key, content = sealer.Seal(content, tenant, Places.Cell(Key)) });
    }

    private static CellSum From(Sealer sealer, string tenant, string cell, byte[] sealedContent)
    {
        var content = sealer.Open(sealedContent, tenant, Places.Cell(cell));
        long Value(int i) => BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(i * sizeof(long)));
        return new(cell, Value(0), Value(1), new(Value(2), Value(3), Value(4), Value(5)));
    }

    private sealed record Row(string Cell, byte[] Content);
}

/// <summary>How many scores and sessions of a site take no part, by reason.</summary>
internal static class SiteCounts
{
    public static long[] Read(IDbConnection connection, Sealer sealer, string tenant) => From(sealer, tenant, Ask(connection, tenant));

    public static Answer<byte[]> Ask(IDbConnection connection, string tenant) => connection.OfSite(tenant).Ask<byte[]>("SELECT sealed FROM site_count WHERE tenant = @tenant");

    public static long[] From(Sealer sealer, string tenant, Answer<byte[]> answer)
    {
        var counts = new long[Exclusions.Reasons.Length];
        if (answer.Rows is [var content])
        {
            var bytes = sealer.Open(content, tenant, Places.Counts);
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
            }
        }

        return counts;
    }

    public static void Write(IDbConnection connection, Sealer sealer, string tenant, long[] counts)
    {
        var bytes = new byte[counts.Length * sizeof(long)];
        for (var i = 0; i < counts.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), counts[i]);
        }

        connection.OfSite(tenant).Send("INSERT INTO site_count (tenant, sealed) VALUES (@tenant, @content) ON CONFLICT (tenant) DO UPDATE SET sealed = excluded.sealed",
            new { content = sealer.Seal(bytes, tenant, Places.Counts) });
    }
}

/// <summary>Where sealed values stand: part of what they are sealed with.</summary>
internal static class Places
{
    public const string Counts = "site_count";

    public static string Measure(Pseudonym measure, long version, bool withdraws) => $"measure_version/{Convert.ToHexStringLower(measure.Bytes)}/{version}/{(withdraws ? 1 : 0)}";

    public static string Patient(Pseudonym patient) => $"patient_record/{Convert.ToHexStringLower(patient.Bytes)}";

    public static string Stratum(string cell, Pseudonym stratum) => $"stratum_sum/{cell}/{Convert.ToHexStringLower(stratum.Bytes)}";

    public static string Cell(string cell) => $"cell_sum/{cell}";
}
