using System.Security.Cryptography;

using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions.StageOne;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions;

/// <summary>Writes measures, inside the writer's transaction: each version is a row, the highest counts, and any order of the same messages ends in the same state.</summary>
/// <remarks>Of one version a withdrawal is later than what it withdraws.</remarks>
internal sealed class SessionStore(WriteTransaction transaction, Sealer sealer, string tenant, SumBook book)
{
    private readonly Dictionary<Pseudonym, Answer<long>> _erased = [];
    private readonly Dictionary<Pseudonym, Answer<Row>> _versions = [];

    /// <summary>Asks for what taking a measure needs to know, so that of many none waits by itself.</summary>
    public void Expect(Measure measure)
    {
        Versions(measure.Key);
        if (measure.Patient is { } patient)
        {
            Erased(patient);
            book.Expect(patient);
        }
    }

    /// <summary>A version that is new: 201; one that is stored: 200; another under its number: 409; of a patient who was erased: 410.</summary>
    /// <param name="measure">What to take.</param>
    /// <param name="at">Where it stands in the sender's request.</param>
    /// <param name="ifNoneExists">Only a measure of which there is no version yet; otherwise 200, whatever it says.</param>
    public MeasureOutcome Take(Measure measure, string at, bool ifNoneExists = false)
    {
        if (measure.Patient is { } patient && Erased(patient).Rows.Count > 0)
        {
            return new(StatusCodes.Status410Gone, [new(at, "erased", "belongs to a patient whose data were erased")]);
        }

        var rows = Versions(measure.Key).Rows;
        if (ifNoneExists && rows.Count > 0)
        {
            return new(StatusCodes.Status200OK, []);
        }

        if (rows.Find(r => r.Version == measure.Version && r.Withdraws == (measure.Withdraws ? 1 : 0)) is { } same)
        {
            return CryptographicOperations.FixedTimeEquals(same.ContentHash, measure.ContentHash)
                ? new(StatusCodes.Status200OK, [])
                : new(StatusCodes.Status409Conflict, [new(at, "otherContent", $"version {measure.Version} is stored with other content: {Shown(same.ContentHash)} is stored, {Shown(measure.ContentHash)} was sent")]);
        }

        Insert(measure);
        Count(rows, measure);
        Remember(rows, measure);
        return new(StatusCodes.Status201Created, []);
    }

    private Answer<long> Erased(Pseudonym patient)
    {
        if (!_erased.TryGetValue(patient, out var erased))
        {
            erased = transaction.Connection.OfSite(tenant).Ask<long>("SELECT log FROM erasure WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });
            _erased.Add(patient, erased);
        }

        return erased;
    }

    // In the order of versions; of one, a withdrawal is later.
    private Answer<Row> Versions(Pseudonym measure)
    {
        if (!_versions.TryGetValue(measure, out var versions))
        {
            versions = transaction.Connection.OfSite(tenant).Ask<Row>(
                "SELECT version, withdraws, patient, content_hash AS ContentHash FROM measure_version WHERE tenant = @tenant AND measure = @measure ORDER BY version, withdraws",
                new { measure = measure.Bytes });
            _versions.Add(measure, versions);
        }

        return versions;
    }

    // The same measure may come again in the same request.
    private static void Remember(List<Row> rows, Measure measure)
    {
        var row = new Row(measure.Version, measure.Withdraws ? 1 : 0, measure.Patient?.Bytes, measure.ContentHash);
        rows.Insert(rows.FindLastIndex(r => (r.Version, r.Withdraws).CompareTo((row.Version, row.Withdraws)) < 0) + 1, row);
    }

    private void Insert(Measure measure)
    {
        var recorded = transaction.Record(tenant, ChangeKind.Measured, $"measure/{Convert.ToHexStringLower(measure.Key.Bytes)}", measure.Version, _ => measure.ContentHash);
        transaction.Connection.OfSite(tenant).Send(
            """
            INSERT INTO measure_version (tenant, measure, version, withdraws, patient, log, recorded_at, content_hash, sealed)
            VALUES (@tenant, @measure, @Version, @withdraws, @patient, @Number, @RecordedAt, @ContentHash, @content)
            """,
            new
            {
                measure = measure.Key.Bytes, measure.Version, withdraws = measure.Withdraws ? 1L : 0L, patient = measure.Patient?.Bytes, recorded.Number, recorded.RecordedAt,
                measure.ContentHash,
                content = sealer.Seal(measure.Content.ToBytes(), tenant, Places.Measure(measure.Key, measure.Version, measure.Withdraws)),
            });
    }

    // The patient of the highest version that is no withdrawal holds the measure, if only as withdrawn.
    private void Count(List<Row> rows, Measure measure)
    {
        var (before, newest) = (rows.LastOrDefault(r => r.Patient is not null), rows.Count > 0 ? rows[^1] : null);
        var isNewest = newest is null || (newest.Version, newest.Withdraws).CompareTo((measure.Version, measure.Withdraws ? 1L : 0L)) < 0;
        var held = before is null ? null : new Pseudonym(before.Patient!) as Pseudonym?;
        if (measure.Withdraws)
        {
            if (isNewest && held is { } withdrawn)
            {
                book.Patient(withdrawn).Retract(measure.Key);
            }

            return;
        }

        if (before is not null && before.Version > measure.Version)
        {
            return;
        }

        if (held is { } other && other != measure.Patient)
        {
            book.Patient(other).Remove(measure.Key);
        }

        book.Patient(measure.Patient!.Value).Put(isNewest ? measure.Score! : measure.Score!.Retracted());
    }

    private static string Shown(byte[] hash) => new Pseudonym(hash[..Pseudonym.Length]).ToString();

    private sealed record Row(long Version, long Withdraws, byte[]? Patient, byte[] ContentHash);
}

/// <summary>What came of one measure.</summary>
internal sealed record MeasureOutcome(int Status, IReadOnlyList<FieldError> Errors);
