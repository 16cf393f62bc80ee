using System.Buffers.Binary;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>
/// Stores a CSV file of scores as it arrives:
/// <code>
/// 1  reject a file that is older than the one before
/// 2  read the header                                  SessionCsvColumns
/// 3  read, validate, score and store rows in parts    SessionCsvReader, SessionIngestion, UnchangedRows
/// 4  withdraw what a complete file does not have      PeriodReplacement
/// </code>
/// </summary>
internal sealed class SessionCsvImporter(SessionIngestion ingestion, GroupCommitWriter writer, Database database, PrivacyKey privacy, ImportSpool spool)
{
    // Two parts are in memory.
    private const int RowsPerPart = 8_192;

    // One transaction must not delay others for long.
    private const int RowsPerWrite = 512;

    /// <returns>The outcome of each row, or why nothing was read.</returns>
    public async Task<(SessionStreamResponse? Response, Problem? Problem)> RunAsync(HttpContext context, Sender sender, SessionCsvOptions options,
        BatchMode mode)
    {
        var cancellationToken = context.RequestAborted;
        var (tenant, pseudonyms) = (sender.Tenant, new PseudonymGenerator(privacy, sender.Tenant, options.SourceSystem));
        var intake = await ingestion.LoadContextAsync(sender, cancellationToken);
        options = options.TimeZone is not null ? options
            : options with { TimeZone = intake.Sources.TimeZoneOf(options.SourceSystem, sender.TimeZone), IsTimeZoneDeclared = true };
        await using var reader = new SessionCsvReader(context.Request.Body, options, intake);
        if (await reader.ReadHeaderAsync(cancellationToken) is { Count: > 0 } errors)
        {
            return (null, Problem.Malformed([.. errors]));
        }

        var unchanged = new UnchangedRows(tenant, pseudonyms.SourceSystem(), options.Version);
        if (await ClaimExportAsync(tenant, pseudonyms, options, mode, unchanged, cancellationToken) is { } older)
        {
            return (null, older);
        }

        var replacement = options is { IsComplete: true, Period: { } period }
            ? await PeriodReplacement.BeginAsync(ingestion, database, privacy, tenant, options, period, cancellationToken) : null;
        var contents = new RowContents();
        var response = new SessionStreamResponse(spool);
        context.Response.RegisterForDispose(response);
        await SessionStreamProcessor.RunAsync(reader.ReadRowsAsync(cancellationToken), session => ingestion.Prepare(session, intake),
            async rows =>
            {
                contents.Compare(rows);
                unchanged.Mark(rows);
                var outcomes = await StoreByPatientAsync(tenant, rows, mode, cancellationToken);
                response.Add([.. outcomes.Zip(rows, (outcome, row) => outcome.MapErrors(e => reader.WithCell(e, row.Line)))]);
                replacement?.Add(rows, outcomes);
                if (!mode.ValidateOnly)
                {
                    await unchanged.AddAsync(writer, rows, outcomes, cancellationToken);
                }
            }, after: 0, cancellationToken, RowsPerPart);
        response.Replacement = replacement is null ? null : await replacement.EndAsync(reader.Rows, mode, cancellationToken);
        return (response, null);
    }

    // Exports are sorted by day. With the rows of a patient in one transaction, the sums of the patient are computed once.
    private async Task<SessionOutcome[]> StoreByPatientAsync(string tenant, IReadOnlyList<PreparedSession> rows, BatchMode mode,
        CancellationToken cancellationToken)
    {
        var outcomes = new SessionOutcome[rows.Count];
        foreach (var part in rows.Index().OrderBy(row => PatientOf(row.Item)).Chunk(RowsPerWrite))
        {
            var stored = await ingestion.StoreAsync(tenant, [.. part.Select(row => row.Item)], mode, cancellationToken);
            foreach (var (row, outcome) in part.Zip(stored))
            {
                outcomes[row.Index] = outcome;
            }
        }

        return outcomes;
    }

    private static Pseudonym PatientOf(PreparedSession row) => row.Measures is [{ Measure.Patient: { } patient }, ..] ? patient : Pseudonym.None;

    // The version of rows without one is the time of their file, which must not run backwards.
    private Task<Problem?> ClaimExportAsync(string tenant, PseudonymGenerator pseudonyms, SessionCsvOptions options, BatchMode mode,
        UnchangedRows unchanged, CancellationToken cancellationToken) => writer.WriteAsync(transaction =>
    {
        var system = pseudonyms.SourceSystem().Bytes;
        var last = transaction.ForTenant(tenant).EnqueueQuery<CsvExportRow>(
            $"SELECT {CsvExportRow.Columns} FROM csv_export WHERE tenant = @tenant AND system = @system", new { system })
            .Value.SingleOrDefault()?.Verified(transaction.CreateHash).ExportedAt;
        if (last > options.Version)
        {
            return new Problem(ProblemKind.Conflict,
                "A file that was exported later is stored already: what this one says is out of date. Send the file of the last export.");
        }

        if (last == options.Version)
        {
            unchanged.Continue(transaction);
        }
        else if (!mode.ValidateOnly)
        {
            unchanged.Begin(transaction);
            transaction.ForTenant(tenant).Enqueue(
                "INSERT INTO csv_export (tenant, system, exported_at, mac) VALUES (@tenant, @System, @ExportedAt, @Mac) ON CONFLICT (tenant, system) DO "
                    + "UPDATE SET exported_at = @ExportedAt, mac = @Mac",
                new CsvExportRow(tenant, system, options.Version, null).Signed(transaction.CreateHash));
        }

        return null;
    }, cancellationToken);
}

/// <summary>Contents of the rows of a file whose keys are derived: two scores of one key are noticed even where one of them is stored already.</summary>
internal sealed class RowContents
{
    // The first 64 bits of key and content hash: for a million rows, two keys agree with probability 3e-8.
    private readonly Dictionary<ulong, ulong> _contents = [];

    /// <summary>Marks the measures that contradict an earlier row.</summary>
    public void Compare(IReadOnlyList<PreparedSession> rows)
    {
        foreach (var measure in rows.SelectMany(row => row.Measures).Select(m => m.Measure).OfType<SessionMeasure>()
            .Where(m => m is { IsVersionedByReceipt: true, Rejection: [] }))
        {
            var content = BinaryPrimitives.ReadUInt64LittleEndian(measure.ContentHash);
            var key = BinaryPrimitives.ReadUInt64LittleEndian(measure.Key.Bytes);
            measure.IsContradictedInFile = !_contents.TryAdd(key, content) && _contents[key] != content;
        }
    }
}
