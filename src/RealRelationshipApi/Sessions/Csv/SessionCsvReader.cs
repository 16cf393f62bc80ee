using System.Runtime.CompilerServices;

using CsvHelper;

using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>Reads a table of scores, one per row, as sessions of one measure each. Only one row is in memory.</summary>
internal sealed class SessionCsvReader : IAsyncDisposable
{
    private const int MaxRowBytes = 64 * 1024;

    private readonly CsvReader _csv;
    private readonly SessionCsvOptions _options;
    private readonly IntakeContext _intake;
    private readonly HashSet<long> _misquotedLines = [];
    private SessionCsvColumns? _columns;

    public SessionCsvReader(Stream body, SessionCsvOptions options, IntakeContext intake)
    {
        (_options, _intake) = (options, intake);
        _csv = CsvReader.Create(body, new CsvReaderOptions
        {
            TrackLineNumbers = true,
            // No cell is a text of several lines, and an unbalanced quote must not swallow the rows after it.
            AllowLineBreaksInQuotes = false,
            MaxRecordSize = MaxRowBytes,
            PoolStrings = true,
            IncludeValuesInExceptions = false,
            Encoding = options.Encoding,
            OnMalformedRecord = record => _misquotedLines.Add(record.LineNumber),
        }, leaveOpen: true);
    }

    /// <summary>Number of rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Reads the header.</summary>
    /// <returns>Its errors; without one, the rows can be read.</returns>
    public async Task<IReadOnlyList<FieldError>> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _csv.ReadHeaderAsync(cancellationToken);
        }
        catch (CsvFormatException)
        {
            return [new("#", ErrorCodes.NotCsv, "line 1: is not the header of a CSV file")];
        }

        if (_csv.Headers.Count == 0)
        {
            return [new("#", ErrorCodes.Required, "has no header: the first line names the columns")];
        }

        string[] heads = [.. _csv.Headers.Select(h => h.Trim())];
        if (Array.FindIndex(heads, h => h.Contains('\uFFFD', StringComparison.Ordinal)) is >= 0 and var column)
        {
            return [new("#", ErrorCodes.NotUnicode, $"line 1, column {column + 1}: {CsvCharsets.EncodingRule}")];
        }

        (_columns, var errors) = SessionCsvColumns.Find(heads);
        return errors;
    }

    /// <summary>Reads the rows as sessions, each with all errors of its cells.</summary>
    public async IAsyncEnumerable<ParsedSession> ReadRowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lastLine = _csv.LineNumber;
        while (true)
        {
            ParsedSession? broken = null;
            try
            {
                if (!await _csv.ReadAsync(cancellationToken))
                {
                    yield break;
                }
            }
            catch (CsvFormatException error)
            {
                broken = new(null, [new("#", ErrorCodes.BadRow, $"is no row, or longer than {MaxRowBytes} bytes; nothing after it was read")])
                {
                    Line = error.LineNumber > 0 ? error.LineNumber : lastLine + 1,
                };
            }

            // Spreadsheets end with rows of empty cells.
            if (broken is null && IsEmpty())
            {
                continue;
            }

            Rows++;
            if (broken is not null)
            {
                yield return broken;
                yield break;
            }

            lastLine = _csv.LineNumber;
            var row = new SessionCsvRow(_csv, _columns!, _options, _intake);
            yield return row.Read(isMisquoted: _misquotedLines.Remove(lastLine)) with { Line = lastLine };
        }
    }

    private bool IsEmpty()
    {
        for (var i = 0; i < _csv.FieldCount; i++)
        {
            if (!_csv.GetSpan(i).Trim(" \t\r"u8).IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The error, whose detail names line and column.</summary>
    public FieldError WithCell(FieldError error, long line) => error with
    {
        Detail = $"line {line}{(_columns?.HeadOf(error.Pointer) is { } head ? $", column {head}" : "")}: {error.Detail}",
    };

    public ValueTask DisposeAsync() => _csv.DisposeAsync();
}
