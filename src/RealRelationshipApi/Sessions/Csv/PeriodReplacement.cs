using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>What a complete file withdrew.</summary>
/// <param name="Stored">Number of scores of the period that had come by CSV before this file.</param>
/// <param name="Missing">Number of these that the file does not have.</param>
/// <param name="Withdrawn">Number of those that were withdrawn: all or none.</param>
/// <param name="Errors">Why none was withdrawn.</param>
internal sealed record PeriodReplacementResponse(long Stored, long Missing, long Withdrawn, IReadOnlyList<FieldError> Errors);

/// <summary>Withdraws the scores of a period that came by CSV before and are missing in a file that has all of it.</summary>
internal sealed class PeriodReplacement
{
    // One transaction must not delay others for long.
    private const int WithdrawalsPerWrite = 512;

    private readonly SessionIngestion _ingestion;
    private readonly PrivacyKey _privacy;
    private readonly string _tenant;
    private readonly SessionCsvOptions _options;
    private readonly HashSet<Pseudonym> _missing;
    private readonly int _stored;
    private long _rejected;

    private PeriodReplacement(SessionIngestion ingestion, PrivacyKey privacy, string tenant, SessionCsvOptions options, HashSet<Pseudonym> stored)
    {
        (_ingestion, _privacy, _tenant, _options, _missing, _stored) = (ingestion, privacy, tenant, options, stored, stored.Count);
    }

    /// <summary>Reads the stored scores of the period, before the rows of the file.</summary>
    public static async Task<PeriodReplacement> BeginAsync(SessionIngestion ingestion, Database database, PrivacyKey privacy, string tenant,
        SessionCsvOptions options, Period period, CancellationToken cancellationToken)
    {
        var pseudonyms = new PseudonymGenerator(privacy, tenant, options.SourceSystem);
        var stored = await database.ReadAsync(connection => period.Days.SelectMany(day => connection.ForTenant(tenant)
            .Query<CsvMeasureRow>($"SELECT {CsvMeasureRow.Columns} FROM csv_measure WHERE tenant = @tenant AND day = @day",
                new { day = pseudonyms.CsvDay(day).Bytes }))
            .Select(row => new Pseudonym(row.Verified(privacy.CreateHash).Measure)).ToHashSet(), cancellationToken);
        return new(ingestion, privacy, tenant, options, stored);
    }

    /// <summary>Takes note of rows of the file.</summary>
    public void Add(IReadOnlyList<PreparedSession> rows, IReadOnlyList<SessionOutcome> outcomes)
    {
        foreach (var (row, outcome) in rows.Zip(outcomes))
        {
            _rejected += outcome.IsComplete ? 0 : 1;
            foreach (var (sent, stored) in row.Measures.Zip(outcome.Measures))
            {
                if ((stored.Outcome.Key ?? sent.Measure?.Key) is { } key)
                {
                    _missing.Remove(key);
                }
            }
        }
    }

    /// <summary>Withdraws what is missing, unless the file may be incomplete.</summary>
    public async Task<PeriodReplacementResponse> EndAsync(long rows, BatchMode mode, CancellationToken cancellationToken)
    {
        FieldError[] errors = [.. FindErrors(rows)];
        if (errors.Length > 0 || mode.ValidateOnly)
        {
            return new(_stored, _missing.Count, 0, errors);
        }

        foreach (var keys in _missing.Chunk(WithdrawalsPerWrite))
        {
            await _ingestion.StoreAsync(_tenant, [.. keys.Select(Withdraw)], mode, cancellationToken);
        }

        return new(_stored, _missing.Count, _missing.Count, []);
    }

    private PreparedSession Withdraw(Pseudonym key) =>
        new([], [new(null, "#", SessionMeasure.Withdrawal(key, _options.Version, _options.SourceSystem, () => _privacy.CreateHash(KeyPurposes.Measure)), [])]);

    private IEnumerable<FieldError> FindErrors(long rows)
    {
        if (_rejected > 0)
        {
            yield return new("?complete", "rowsRejected", $"{_rejected} rows were rejected: nothing was withdrawn");
        }

        if (rows != _options.Rows)
        {
            yield return new("?rows", "wrongRowCount", $"the file has {rows} rows, not {_options.Rows}: nothing was withdrawn");
        }

        if (!_options.IsConfirmed && _missing.Count * 2 > _stored)
        {
            yield return new("?confirm", "mostOfPeriod",
                $"{_missing.Count} of {_stored} stored scores of the period are not in the file: confirm=true withdraws them");
        }
    }
}
