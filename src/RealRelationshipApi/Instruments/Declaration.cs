using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>What a site declares, joined with what is published: the instrument as it will be scored.</summary>
/// <remarks>A declaration adds what is not known. What is published stands: a site that uses a form otherwise gives it a code of its own.</remarks>
internal sealed class Declaration
{
    public const string Repeated = "repeatedValue";
    public const string Contradiction = "contradictsCatalogue";

    private static readonly JsonSerializerOptions s_canonical = new(StrictJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly InstrumentRequest _request;
    private readonly Instrument? _shipped;
    private readonly List<FieldError> _faults = [];

    private Declaration(InstrumentRequest request) => (_request, _shipped) = (request, BuiltIn.Find(request.Code));

    /// <returns>The instrument, and every fault that shows only when members are seen together or beside the catalogue.</returns>
    public static (Instrument Instrument, IReadOnlyList<FieldError> Faults) Join(InstrumentRequest request)
    {
        var declaration = new Declaration(request);
        var instrument = declaration.Join();
        return (instrument, declaration._faults);
    }

    /// <summary>The canonical JSON of an instrument: equal ones have equal text, whatever their version.</summary>
    public static string ContentOf(Instrument instrument) => JsonSerializer.Serialize(instrument with { Version = 0, RecordedAt = null }, s_canonical);

    public static byte[] HashOf(string content) => SHA256.HashData(Encoding.UTF8.GetBytes(content));

    public static bool AreDistinct(IReadOnlyList<long>? numbers) => numbers is null || numbers.Distinct().Count() == numbers.Count;

    private Instrument Join()
    {
        if (BuiltIn.Refusal(_request.Code, "#/code") is { } refusal)
        {
            _faults.Add(refusal);
        }

        var items = Items();
        var scales = new ScaleJoin(_request, _shipped, items, _faults).Join();
        CheckNumbers(_request.Reversed, items?.Count, "#/reversed");
        var instrument = new Instrument
        {
            Code = _shipped?.Code ?? _request.Code,
            Name = Fact("name", _request.Name, _shipped?.Name) ?? "",
            Construct = Fact("construct", _request.Construct, _shipped?.Construct) ?? default,
            Raters = Raters(),
            Direction = Fact("direction", _request.Direction, _shipped?.Direction, InstrumentFaults.DirectionMismatch) ?? default,
            Items = items,
            Key = Key(items),
            Reversed = Reversed(),
            Scales = scales,
            Missing = Missing(items, scales),
            Codings = Codings(scales),
            Reliability = _shipped?.Reliability ?? [],
            ReliableChange = _shipped?.ReliableChange,
            ChangeAtLeast = _shipped?.ChangeAtLeast,
            CutOff = _shipped?.CutOff,
            Notes = _shipped?.Notes ?? [],
            Licence = _shipped?.Licence,
        };
        return instrument;
    }

    // Of an instrument of one's own every fact is needed; of a shipped one none, and none may differ.
    private T? Fact<T>(string member, T? declared, T? published, string code = Contradiction)
    {
        if (_shipped is null && declared is null)
        {
            _faults.Add(new($"#/{member}", FaultCodes.Required, "is required for an instrument of your own"));
        }
        else if (_shipped is not null && declared is not null && !declared.Equals(published))
        {
            Contradict(member, Text(published), code);
        }

        return _shipped is null ? declared : published;
    }

    private IReadOnlyList<ScoreRater> Raters()
    {
        ScoreRater[]? declared = _request.Raters is { } raters ? [.. raters.Order()] : null;
        if (_shipped is not null && declared is not null && !declared.SequenceEqual(_shipped.Raters))
        {
            Contradict("raters", string.Join(" and ", _shipped.Raters.Select(EnumNames<ScoreRater>.Of)));
        }
        else if (_shipped is null && declared is null)
        {
            _faults.Add(new("#/raters", FaultCodes.Required, "is required for an instrument of your own"));
        }

        return _shipped?.Raters ?? declared ?? [];
    }

    private ItemRange? Items()
    {
        if (_shipped?.Items is { } published && _request.Items is { } declared && declared != published)
        {
            Contradict("items", $"{published.Count} from {published.Minimum} to {published.Maximum}{(published.Decimals ? ", with decimals" : "")}");
        }

        return _shipped?.Items ?? _request.Items;
    }

    private ScoringKey Key(ItemRange? items)
    {
        if (items is null && _request.Reversed is not null)
        {
            _faults.Add(new("#/reversed", "notAllowed", "names items, but none are declared"));
        }

        if (_shipped is null)
        {
            if (items is not null && _request.Reversed is null)
            {
                _faults.Add(new("#/reversed", FaultCodes.Required, "is required where items are declared: [] says that none is turned round"));
            }

            return ScoringKey.Site;
        }

        if (_shipped.Key == ScoringKey.Published && _request.Reversed is { } reversed && !reversed.Order().SequenceEqual(_shipped.Reversed))
        {
            Contradict("reversed", _shipped.Reversed.Count == 0 ? "no item" : string.Join(", ", _shipped.Reversed));
        }

        return _shipped.Key == ScoringKey.Published || _request.Reversed is null ? _shipped.Key : ScoringKey.Site;
    }

    private IReadOnlyList<long> Reversed() =>
        _shipped is { Key: ScoringKey.Published } ? _shipped.Reversed : [.. (_request.Reversed ?? _shipped?.Reversed ?? []).Order()];

    private MissingRule? Missing(ItemRange? items, IReadOnlyList<ScaleDefinition> scales)
    {
        if (_shipped?.Missing is { } published && _request.Missing is { } declared && declared != published)
        {
            Contradict("missing", EnumNames<MissingItems>.Of(published.Rule) + (published.AtMost is { } most ? $" {most}" : ""));
        }

        var missing = _shipped?.Missing ?? _request.Missing;
        if (_request.Missing is not null && items is null)
        {
            _faults.Add(new("#/missing", "notAllowed", "speaks of items, but none are declared"));
        }

        if (missing?.AtMost is { } atMost && items is not null && (atMost < 1 || atMost >= items.Count))
        {
            _faults.Add(new("#/missing/atMost", InstrumentFaults.OutOfRange, $"must be from 1 to {items.Count - 1}"));
        }

        if (missing?.Rule == MissingItems.SubscaleMean && !AreDistinct([.. scales.Where(s => !s.IsTotal).SelectMany(s => s.Items ?? [])]))
        {
            _faults.Add(new("#/scales", "overlap", "an item may belong to one subscale only, whose mean stands in for it when it is missing"));
        }

        return missing;
    }

    private IReadOnlyList<InstrumentCoding> Codings(IReadOnlyList<ScaleDefinition> scales)
    {
        var codings = _shipped?.Codings.ToList() ?? [];
        for (var i = 0; i < (_request.Codings?.Count ?? 0); i++)
        {
            if (_request.Codings![i] is not { } coding)
            {
                continue;
            }

            if (coding.System == InstrumentCoding.Loinc && BuiltIn.Refusal(coding.Code, $"#/codings/{i}/code") is { } refusal)
            {
                _faults.Add(refusal);
            }

            if (scales.All(s => s.Name != coding.Scale))
            {
                _faults.Add(new($"#/codings/{i}/scale", InstrumentFaults.UnknownScale, $"is none of {string.Join(", ", scales.Select(s => s.Name))}"));
            }

            var known = codings.Find(c => (c.System, c.Code) == (coding.System, coding.Code));
            if (known is null)
            {
                codings.Add(coding);
            }
            else if (known != coding)
            {
                _faults.Add(new($"#/codings/{i}", Repeated, $"names {known.Scale} already"));
            }
        }

        return codings;
    }

    private void CheckNumbers(IReadOnlyList<long>? numbers, long? count, string at) => CheckNumbers(numbers, count, at, _faults);

    internal static void CheckNumbers(IReadOnlyList<long>? numbers, long? count, string at, List<FieldError> faults)
    {
        for (var i = 0; i < (numbers?.Count ?? 0); i++)
        {
            if (count is { } most && (numbers![i] < 1 || numbers[i] > most))
            {
                faults.Add(new($"{at}/{i}", InstrumentFaults.OutOfRange, $"must be the number of an item, from 1 to {most}"));
            }
        }
    }

    private void Contradict(string member, string? published, string code = Contradiction) => _faults.Add(new($"#/{member}", code,
        $"of {_shipped!.Code} is published: {published}. Leave it out; a form that differs takes a code of its own"));

    private static string? Text<T>(T value) => value switch
    {
        Construct construct => EnumNames<Construct>.Of(construct),
        ScoreDirection direction => $"a higher score means {EnumNames<ScoreDirection>.Of(direction)}",
        _ => value?.ToString(),
    };
}
