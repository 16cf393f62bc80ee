using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Stored versions of measures, as a write transaction sees them.</summary>
internal sealed class MeasureVersions(WriteTransaction transaction, ColumnEncryption encryption, string tenant)
{
    private readonly ResponseMeasures _responses = new(transaction, tenant);
    private readonly Dictionary<Pseudonym, QueuedResult<List<MeasureVersionRow>>> _pending = [];

    /// <summary>Enqueues the queries of a measure.</summary>
    public void Prefetch(SessionMeasure measure)
    {
        Query(measure.Key);
        if (measure.Response is { } response)
        {
            _responses.Prefetch(response);
        }
    }

    /// <summary>The versions of a measure in ascending order; a withdrawal follows the version with the same number.</summary>
    public List<MeasureVersionRow> Of(Pseudonym measure) => Query(measure).Value;

    /// <summary>Keys of the stored measures of a resource: its own, and those of the other forms of a response. Also those that this transaction
    /// stored.</summary>
    public IReadOnlyList<Pseudonym> KeysOf(SessionMeasure measure) => Of(measure.Key).Count > 0 ? [measure.Key, .. OthersOf(measure)] : OthersOf(measure);

    /// <summary>Keys of the stored measures of other forms of the same response.</summary>
    public IReadOnlyList<Pseudonym> OthersOf(SessionMeasure measure) => measure.Response is not { } response ? []
        : [.. _responses.FindStored(response).Concat(response.All.Where(_pending.ContainsKey)).Distinct()
            .Where(other => other != measure.Key && Of(other).Count > 0)];

    /// <summary>The highest version that is not a withdrawal; null if there is none.</summary>
    public MeasureVersion? ReadHighest(Pseudonym measure)
    {
        if (Of(measure).FindLast(r => r.Withdraws == 0) is not { } row)
        {
            return null;
        }

        var content = transaction.ForTenant(tenant).EnqueueQuery<byte[]>(
            "SELECT sealed FROM measure_version WHERE tenant = @tenant AND measure = @measure AND version = @Version AND withdraws = 0",
            new { measure = measure.Bytes, row.Version }).Value.Single();
        return new(new(row.Patient!), MeasureContent.FromBytes(
            encryption.Decrypt(content, tenant, EncryptedRowPaths.Measure(measure, row.Version, withdraws: false))));
    }

    /// <summary>The patient of a measure, even if withdrawn; null if only withdrawals are stored.</summary>
    public Pseudonym? PatientOf(SessionMeasure measure) => KeysOf(measure).Select(key => Of(key).FindLast(r => r.Patient is not null)?.Patient)
        .FirstOrDefault(patient => patient is not null) is { } bytes ? new(bytes) : null;

    /// <summary>Inserts a version, and records the change.</summary>
    public void Insert(SessionMeasure measure)
    {
        var recorded = transaction.RecordChange(tenant, ChangeKind.Measured, $"measure/{Convert.ToHexStringLower(measure.Key.Bytes)}", measure.Version,
            _ => measure.ContentHash);
        transaction.ForTenant(tenant).Enqueue(
            """
            INSERT INTO measure_version (tenant, measure, version, withdraws, patient, log, recorded_at, content_hash, hash_version, sealed)
            VALUES (@tenant, @measure, @Version, @withdraws, @patient, @Number, @RecordedAt, @ContentHash, @Current, @content)
            """,
            new
            {
                measure = measure.Key.Bytes, measure.Version, withdraws = measure.Withdraws ? 1L
                    : 0L, patient = measure.Patient?.Bytes, recorded.Number, recorded.RecordedAt,
                measure.ContentHash, ContentHashes.Current,
                content = encryption.Encrypt(measure.Content.ToBytes(), tenant, EncryptedRowPaths.Measure(measure.Key, measure.Version, measure.Withdraws)),
            });
        // A request may contain the same measure more than once.
        var rows = Of(measure.Key);
        var row = new MeasureVersionRow(measure.Version, measure.Withdraws ? 1 : 0, measure.Patient?.Bytes, measure.ContentHash, ContentHashes.Current);
        rows.Insert(rows.FindLastIndex(r => (r.Version, r.Withdraws).CompareTo((row.Version, row.Withdraws)) < 0) + 1, row);
    }

    private QueuedResult<List<MeasureVersionRow>> Query(Pseudonym measure)
    {
        if (!_pending.TryGetValue(measure, out var versions))
        {
            versions = transaction.ForTenant(tenant).EnqueueQuery<MeasureVersionRow>(
                "SELECT version, withdraws, patient, content_hash AS ContentHash, hash_version AS HashVersion FROM measure_version "
                    + "WHERE tenant = @tenant AND measure = @measure ORDER BY version, withdraws",
                new { measure = measure.Bytes });
            _pending.Add(measure, versions);
        }

        return versions;
    }
}

/// <summary>A stored version without its content.</summary>
internal sealed record MeasureVersionRow(long Version, long Withdraws, byte[]? Patient, byte[] ContentHash, long HashVersion);

/// <summary>Patient and content of a stored version.</summary>
internal sealed record MeasureVersion(Pseudonym Patient, MeasureContent Content);
