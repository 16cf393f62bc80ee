using System.Globalization;
using System.Text.Unicode;

using CsvHelper;

using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Csv;

/// <summary>Reads the current row of a table of scores.</summary>
internal sealed class SessionCsvRow(CsvReader csv, SessionCsvColumns columns, SessionCsvOptions options, IntakeContext intake)
{
    private const string Measure = "#/measures/0";
    private const string TimeRule = "must be a day, such as 2026-03-01, or an instant with its offset, such as 2026-03-01T10:00:00+01:00";

    private static readonly string[] s_localFormats = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF"];

    private static readonly Dictionary<string, ScoreRater> s_raters = new(StringComparer.OrdinalIgnoreCase)
    {
        ["client"] = ScoreRater.Client, ["patient"] = ScoreRater.Client, ["self"] = ScoreRater.Client, ["therapist"] = ScoreRater.Therapist,
        ["clinician"] = ScoreRater.Therapist, ["practitioner"] = ScoreRater.Therapist,
    };

    private readonly InstrumentSet _instruments = intake.Instruments;
    private readonly List<FieldError> _errors = [];

    /// <param name="isMisquoted">Whether a quote is out of place in the row.</param>
    public ParsedSession Read(bool isMisquoted)
    {
        if (csv.FieldCount != columns.Count)
        {
            return Reject(ErrorCodes.BadRow, $"has {csv.FieldCount} cells, and the header {columns.Count}");
        }

        if (isMisquoted)
        {
            return Reject(ErrorCodes.NotCsv, "has a quote out of place");
        }

        var name = Text(SessionCsvMember.Instrument, $"{Measure}/instrument");
        var (instrument, namedScale) = name is null ? (null, null) : Find(name);
        if (name is not null && instrument is null)
        {
            _errors.Add(_instruments.Find(name, at: $"{Measure}/instrument").Error!);
        }

        var (occurredAt, sentAt, day, isDay) = ReadTime();
        var measure = new MeasureRequest
        {
            SourceId = Text(SessionCsvMember.SourceId, $"{Measure}/sourceId")!,
            Version = Whole(SessionCsvMember.Version, $"{Measure}/version") ?? options.Version,
            Status = Choice<MeasureStatus>(SessionCsvMember.Status, $"{Measure}/status") ?? MeasureStatus.Final,
            Instrument = instrument?.Code ?? name,
            Rater = ReadRater(instrument),
            Scale = Text(SessionCsvMember.Scale, $"{Measure}/scale") ?? namedScale,
            Score = Number(columns[SessionCsvMember.Score], $"{Measure}/score"),
            Aggregation = Choice<ScoreAggregation>(SessionCsvMember.Aggregation, $"{Measure}/aggregation"),
            Items = ReadItems(instrument),
            IsVersionedByReceipt = Cell(columns[SessionCsvMember.Version], $"{Measure}/version") is null,
        };
        measure = name is null || instrument is null ? measure : measure with { Named = NamingOf(name, measure) };
        var patient = Text(SessionCsvMember.Patient, "#/patient");
        var slot = Text(SessionCsvMember.Slot, "#/slot");
        var session = Text(SessionCsvMember.Session, "#/session");
        if (patient is not null && day is { } local)
        {
            session ??= SessionCsvKeys.Session(patient, local, slot);
            measure = measure.SourceId is null ? measure with { SourceId = SessionCsvKeys.Measure(patient, session, measure) } : measure;
        }

        // What could not be read is an error of its own.
        if (measure.SourceId is null && !_errors.Exists(e => e.Pointer is "#/patient" or "#/occurredAt"))
        {
            _errors.Add(new($"{Measure}/sourceId", ErrorCodes.Required, "sourceId is required where patient or date is missing, from which it is derived"));
        }

        if (options.Period is { } period && day is { } ofFile && !period.Contains(ofFile))
        {
            _errors.Add(new("#/occurredAt", "outsidePeriod", "is not in the period of the file"));
        }

        return new(new()
        {
            SourceSystem = options.SourceSystem, Patient = patient, Therapist = Text(SessionCsvMember.Therapist, "#/therapist"), Session = session,
            SessionNumber = Whole(SessionCsvMember.SessionNumber, "#/sessionNumber"), OccurredAt = occurredAt, SentAt = sentAt, IsDay = isDay,
            CsvDay = day, ExportedAt = options.Version,
            Measures = [measure],
        }, _errors);
    }

    private static ParsedSession Reject(string code, string detail) => new(null, [new("#", code, detail)]);

    private string? Text(SessionCsvMember member, string pointer) => Cell(columns[member], pointer);

    // Null for a missing column, an empty cell, and R's NA.
    private string? Cell(int column, string pointer)
    {
        if (column < 0)
        {
            return null;
        }

        var text = csv.GetSpan(column);
        if (!Utf8.IsValid(text))
        {
            var place = text.Length - text[Utf8Length(text)..].Length + 1;
            _errors.Add(new(pointer, ErrorCodes.NotUnicode, $"character {place} {CsvCharsets.EncodingRule}"));
            return null;
        }

        return csv.GetString(column).Trim() is { Length: > 0 } cell && cell != "NA" ? cell : null;
    }

    private static int Utf8Length(ReadOnlySpan<byte> text)
    {
        var valid = 0;
        while (valid < text.Length && System.Text.Rune.DecodeFromUtf8(text[valid..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            valid += length;
        }

        return valid;
    }

    private double? Number(int column, string pointer)
    {
        if (Cell(column, pointer) is not { } cell)
        {
            return null;
        }

        // A comma is a decimal sign: no score has thousands.
        var text = cell.Contains('.', StringComparison.Ordinal) ? cell : cell.Replace(',', '.');
        if (double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number))
        {
            return number;
        }

        _errors.Add(new(pointer, ErrorCodes.NotAValue, "must be a number, with a point or a comma before decimals"));
        return null;
    }

    private long? Whole(SessionCsvMember member, string pointer)
    {
        if (Text(member, pointer) is not { } cell)
        {
            return null;
        }

        if (long.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        _errors.Add(new(pointer, ErrorCodes.NotAValue, "must be a whole number"));
        return null;
    }

    private T? Choice<T>(SessionCsvMember member, string pointer) where T : struct, Enum
    {
        if (Text(member, pointer) is not { } cell)
        {
            return null;
        }

        var name = cell.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        if (EnumNames<T>.All.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } known)
        {
            return EnumNames<T>.Parse(known);
        }

        _errors.Add(new(pointer, ErrorCodes.NotAValue, $"must be one of {string.Join(", ", EnumNames<T>.All)}"));
        return null;
    }

    private (Instrument? Instrument, string? Scale) Find(string name)
    {
        if (_instruments.FindByName(name) is { } coded)
        {
            return (coded, null);
        }

        var (declared, scale, _) = _instruments.FindDeclared(name, $"{Measure}/instrument");
        return (declared, scale);
    }

    // Null for the code of an instrument, however it is written.
    private InstrumentNaming? NamingOf(string name, MeasureRequest measure)
    {
        if (_instruments.FindByName(name) is not null)
        {
            return null;
        }

        var (undeclared, scale, _) = intake.UndeclaredInstruments.FindDeclared(name, "#");
        var sent = Text(SessionCsvMember.Scale, $"{Measure}/scale");
        return new(name, Text(SessionCsvMember.Rater, $"{Measure}/rater") is null ? null : measure.Rater, sent, undeclared is null, undeclared,
            sent ?? scale ?? Instrument.Total);
    }

    private ScoreRater? ReadRater(Instrument? instrument)
    {
        if (Text(SessionCsvMember.Rater, $"{Measure}/rater") is not { } cell)
        {
            // Who rates an unknown instrument is unknown, too, and no error of its own.
            return instrument is null ? ScoreRater.Client : instrument.Raters is [var only] ? only : null;
        }

        if (s_raters.TryGetValue(cell, out var rater))
        {
            return rater;
        }

        _errors.Add(new($"{Measure}/rater", ErrorCodes.NotAValue, "must be client or therapist"));
        return null;
    }

    private List<double?>? ReadItems(Instrument? instrument)
    {
        if (columns.Items.Count == 0)
        {
            return null;
        }

        var items = columns.Items.Select((column, i) => Number(column, $"{Measure}/items/{i}")).ToList();
        var answered = items.FindLastIndex(i => i is not null) + 1;
        // A file of several instruments has columns for the longest one.
        return answered == 0 ? null : items[..Math.Max(answered, (int)Math.Min(items.Count, instrument?.Items?.Count ?? 0))];
    }

    // A day alone starts at midnight of the time zone; an instant is of the local day there.
    private (DateTimeOffset? OccurredAt, DateTimeOffset? SentAt, DateOnly? Day, bool IsDay) ReadTime()
    {
        if (Text(SessionCsvMember.Date, "#/occurredAt") is not { } cell)
        {
            return default;
        }

        if (DateOnly.TryParseExact(cell, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return (ToInstant(day.ToDateTime(TimeOnly.MinValue)), AsSent(day.ToDateTime(TimeOnly.MinValue)), day, true);
        }

        var text = cell.Replace(' ', 'T');
        if (UtcTimestampConverter.TryParse(text, out var instant))
        {
            var local = options.TimeZone is { } zone ? TimeZoneInfo.ConvertTime(instant, zone) : instant;
            return (instant, null, DateOnly.FromDateTime(local.DateTime), false);
        }

        if (options.TimeZone is not null
            && DateTime.TryParseExact(UtcTimestampConverter.TruncateFraction(text), s_localFormats,
                CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return (ToInstant(time), AsSent(time), DateOnly.FromDateTime(time), false);
        }

        _errors.Add(new("#/occurredAt", ErrorCodes.NotAValue,
            options.TimeZone is null ? $"{TimeRule}; a local time needs the query parameter timeZone" : $"{TimeRule}, or a local time"));
        return default;
    }

    // A time zone that the file does not name may be declared anew.
    private DateTimeOffset? AsSent(DateTime local) => options.IsTimeZoneDeclared ? new(local, TimeSpan.Zero) : null;

    // In a gap of the clock, the zone's offset is that before it.
    private DateTimeOffset ToInstant(DateTime local) => new(local, options.TimeZone?.GetUtcOffset(local) ?? TimeSpan.Zero);
}
