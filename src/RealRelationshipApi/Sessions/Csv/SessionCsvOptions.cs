using System.Globalization;
using System.Text;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>What the query says about a CSV file of scores.</summary>
internal sealed record SessionCsvOptions
{
    private const int MaxPeriodDays = 3_700;

    private static readonly QueryParameter s_sourceSystem = new("sourceSystem", QueryParameterType.Text,
        "CSV: identifies the sending system. Required unless the API key has one.");

    private static readonly QueryParameter s_timeZone = new("timeZone", QueryParameterType.Text,
        "CSV: IANA time zone of days and of times without offset, such as `Europe/Berlin`. Without it a day is one in UTC, and a time needs its offset.");

    private static readonly QueryParameter s_exportedAt = new("exportedAt", QueryParameterType.Text,
        "CSV: when the file was exported, with UTC offset: the version of its rows. It must not be earlier than that of the file before. Default: now.");

    private static readonly QueryParameter s_period = new("period", QueryParameterType.Text,
        "CSV: first and last local day of the file, such as `2026-03-01/2026-03-31`, both included.");

    private static readonly QueryParameter s_complete = new("complete", QueryParameterType.Boolean,
        "CSV: whether the file has all scores of the period: those that came by CSV before and are not in it are withdrawn, unless a row is rejected or "
            + "the number of rows is not `rows`.")
    { Default = "false" };

    private static readonly QueryParameter s_rows = new("rows", QueryParameterType.Integer,
        "CSV: number of rows without the header; required with `complete`.")
    { Minimum = 0 };

    private static readonly QueryParameter s_confirm = new("confirm", QueryParameterType.Boolean,
        "CSV: whether `complete` may withdraw more than half of the scores stored of the period.")
    { Default = "false" };

    public static IReadOnlyList<QueryParameter> Parameters { get; } =
        [s_sourceSystem, s_timeZone, s_exportedAt, s_period, s_complete, s_rows, s_confirm];

    public required string SourceSystem { get; init; }

    public TimeZoneInfo? TimeZone { get; init; }

    /// <summary>Whether the time zone comes from a declaration of the site or of the key.</summary>
    public bool IsTimeZoneDeclared { get; init; }

    /// <summary>When the file was exported or, if unknown, received: microseconds since 1970.</summary>
    public required long Version { get; init; }

    public Period? Period { get; init; }

    public bool IsComplete { get; init; }

    public long Rows { get; init; }

    public bool IsConfirmed { get; init; }

    /// <summary>Encoding of the file; null for UTF-8, or UTF-16 with a byte order mark.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Reads the query of a CSV file; adds an error for every value that is missing, invalid or contradicts another.</summary>
    public static SessionCsvOptions From(HttpContext context, QueryReader query, DateTimeOffset now)
    {
        var options = new SessionCsvOptions
        {
            SourceSystem = ReadSourceSystem(query, Sender.From(context.User)),
            TimeZone = ReadTimeZone(query),
            Version = ToVersion(ReadExportedAt(query, now) ?? now),
            Period = ReadPeriod(query),
            IsComplete = query.Boolean(s_complete.Name) ?? false,
            Rows = query.Integer(s_rows) ?? -1,
            IsConfirmed = query.Boolean(s_confirm.Name) ?? false,
            Encoding = CsvCharsets.Of(context.Request),
        };
        if (options.IsComplete && query.Text(s_period.Name) is null)
        {
            query.AddMissing(s_period.Name, "is required with complete: the first and last day of the file");
        }

        if (options.IsComplete && query.Text(s_rows.Name) is null)
        {
            query.AddMissing(s_rows.Name, "is required with complete: how many rows the file has, so that a truncated one withdraws nothing");
        }

        return options;
    }

    /// <summary>Adds an error for each parameter that only CSV takes.</summary>
    public static void RejectAll(QueryReader query)
    {
        foreach (var parameter in Parameters.Where(p => query.Text(p.Name) is not null))
        {
            query.AddInvalid(parameter.Name, "is for text/csv only: in JSON each session says it");
        }
    }

    public static long ToVersion(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static string ReadSourceSystem(QueryReader query, Sender sender)
    {
        if ((query.Text(s_sourceSystem.Name) ?? sender.SourceSystem) is not { } name)
        {
            query.AddMissing(s_sourceSystem.Name, "is required: the name of the sending system, which keeps its keys apart from those of others");
            return "";
        }

        if (!SourceKeyRules.IsKey(name))
        {
            query.AddInvalid(s_sourceSystem.Name, SourceKeyRules.Message);
        }
        else if (!sender.MaySendFor(name))
        {
            query.AddInvalid(s_sourceSystem.Name, sender.OtherSystemDetail);
        }

        return name;
    }

    private static TimeZoneInfo? ReadTimeZone(QueryReader query)
    {
        if (query.Text(s_timeZone.Name) is not { } name)
        {
            return null;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            query.AddInvalid(s_timeZone.Name, "is not a known time zone: give an IANA name, such as Europe/Berlin");
        }

        return zone;
    }

    // An unescaped plus sign reaches here as a space.
    private static DateTimeOffset? ReadExportedAt(QueryReader query, DateTimeOffset now)
    {
        if (query.Text(s_exportedAt.Name)?.Replace(' ', '+') is not { } text)
        {
            return null;
        }

        if (!UtcTimestampConverter.TryParse(text, out var instant))
        {
            query.AddInvalid(s_exportedAt.Name, UtcTimestampConverter.ErrorMessage);
            return null;
        }

        if (instant > now + TimeSpan.FromMinutes(5) || instant < DateTimeOffset.UnixEpoch)
        {
            query.AddInvalid(s_exportedAt.Name, "must lie between 1970 and now");
            return null;
        }

        return instant;
    }

    private static Period? ReadPeriod(QueryReader query)
    {
        if (query.Text(s_period.Name) is not { } text)
        {
            return null;
        }

        if (text.Split('/') is [var first, var last] && TryParseDay(first, out var from) && TryParseDay(last, out var to) && from <= to
            && to.DayNumber - from.DayNumber < MaxPeriodDays)
        {
            return new(from, to);
        }

        query.AddInvalid(s_period.Name, $"must be its first and last day, such as 2026-03-01/2026-03-31, at most {MaxPeriodDays} days");
        return null;
    }

    private static bool TryParseDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}

/// <summary>Local days, both included.</summary>
internal sealed record Period(DateOnly First, DateOnly Last)
{
    public IEnumerable<DateOnly> Days => Enumerable.Range(First.DayNumber, Last.DayNumber - First.DayNumber + 1).Select(DateOnly.FromDayNumber);

    public bool Contains(DateOnly day) => day >= First && day <= Last;
}
