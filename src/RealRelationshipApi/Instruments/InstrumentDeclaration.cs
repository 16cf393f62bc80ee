using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>Merges a site's declaration with the built-in instrument.</summary>
/// <remarks>A declaration adds unpublished facts and may not contradict published ones; a modified form needs its own code.</remarks>
internal sealed class InstrumentDeclaration
{
    public const string RepeatedCode = "repeatedValue";
    public const string ContradictionCode = "contradictsCatalogue";

    private const string ConstructMember = "construct";
    private const string ItemsAsMember = "itemsAs";
    private const string ScalesMember = "scales";

    private static readonly string[] s_declarable = [ConstructMember, ItemsAsMember, ScalesMember];

    // Instruments whose total had one unit in release 0.1: a version stored then did not choose it.
    private static readonly string[] s_unitsAdded = ["core-om", "wai-sr"];

    private static readonly JsonSerializerOptions s_canonical = new(StrictJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly InstrumentRequest _request;
    private readonly Instrument? _builtIn;
    private readonly List<FieldError> _errors = [];

    private readonly bool _isCustom;

    private InstrumentDeclaration(InstrumentRequest request, bool isCustom) =>
        (_request, _isCustom, _builtIn) = (request, isCustom, isCustom ? null : BuiltInInstruments.FindByCode(request.Code));

    /// <param name="request">The declaration.</param>
    /// <param name="isCustom">Whether the site declared this code before it was built in: then it stays an instrument of the site's own.</param>
    /// <returns>The instrument, and all errors across members or against the catalogue.</returns>
    public static (Instrument Instrument, IReadOnlyList<FieldError> Errors) Resolve(InstrumentRequest request, bool isCustom = false)
    {
        var declaration = new InstrumentDeclaration(request, isCustom);
        var instrument = declaration.Resolve();
        return (instrument, declaration._errors);
    }

    /// <summary>Canonical JSON of an instrument without its version, for comparison and hashing.</summary>
    public static string ToCanonicalJson(Instrument instrument) => JsonSerializer.Serialize(instrument with { Version = 0, RecordedAt = null }, s_canonical);

    public static byte[] ComputeHash(string content) => SHA256.HashData(Encoding.UTF8.GetBytes(content));

    public static bool AreDistinct(IReadOnlyList<long>? numbers) => numbers is null || numbers.Distinct().Count() == numbers.Count;

    private Instrument Resolve()
    {
        if (!_isCustom && BuiltInInstruments.FindNameError(_request.Code, "#/code") is { } nameError)
        {
            _errors.Add(nameError);
        }

        var items = ResolveItems();
        var scales = new ScaleResolver(_request, _builtIn, items, _errors).Resolve();
        CheckItemNumbers(_request.Reversed, items?.Count, "#/reversed");
        var instrument = new Instrument
        {
            Code = _builtIn?.Code ?? _request.Code,
            Name = ResolveFact("name", _request.Name, _builtIn?.Name) ?? "",
            Construct = ResolveConstruct(),
            Raters = ResolveRaters(),
            Direction = ResolveFact("direction", _request.Direction, _builtIn?.Direction, InstrumentErrorCodes.DirectionMismatch) ?? default,
            Items = items,
            Key = ResolveScoringKey(items),
            Reversed = ResolveReversed(),
            ItemsAs = ResolveItemsAs(),
            MayCountAs = _builtIn?.MayCountAs,
            Declared = DeclaredMembers(),
            Scales = scales,
            Missing = ResolveMissingRule(items, scales),
            Codings = ResolveCodings(scales),
            Reliability = _builtIn?.Reliability ?? [],
            ReliableChange = _builtIn?.ReliableChange,
            ChangeAtLeast = _builtIn?.ChangeAtLeast,
            CutOff = _builtIn?.CutOff,
            Notes = _builtIn?.Notes ?? [],
            Licence = _builtIn?.Licence,
            Sources = _builtIn?.Sources ?? [],
        };
        return instrument;
    }

    /// <summary>A declaration that leaves out the construct or the reading of items keeps those declared before.</summary>
    public static Instrument KeepDeclared(Instrument declaration, Instrument? current)
    {
        string[] kept =
            [.. (current?.Declared ?? []).Where(m => m is ConstructMember or ItemsAsMember).Except(declaration.Declared ?? [], StringComparer.Ordinal)];
        return kept.Length == 0 ? declaration : declaration with
        {
            Construct = kept.Contains(ConstructMember) ? current!.Construct : declaration.Construct,
            ItemsAs = kept.Contains(ItemsAsMember) ? current!.ItemsAs : declaration.ItemsAs,
            Declared = [.. s_declarable.Where(m => kept.Contains(m) || declaration.Declared?.Contains(m) == true)],
        };
    }

    /// <summary>Whether scores that are stored have another value or construct under a new declaration.</summary>
    public static bool ChangesMeaning(Instrument declared, Instrument current) => current.IsItemsAsUndeclared
        ? declared.Declared?.Contains(ItemsAsMember) == true
        : (declared.ItemsAs, declared.Construct) != (current.ItemsAs, current.Construct);

    /// <summary>A version stored by an earlier release, with what is published now: only what the site declared is the site's. An instrument of the site's
    /// own stays as declared, even if its code is built in now.</summary>
    public static Instrument WithPublishedFacts(Instrument stored) =>
        stored.Licence is null || BuiltInInstruments.FindByCode(stored.Code) is not { } builtIn ? stored : stored with
        {
            Name = builtIn.Name,
            Construct = stored.Declared?.Contains(ConstructMember) == true ? stored.Construct : builtIn.Construct,
            Direction = builtIn.Direction,
            ItemsAs = stored.Declared?.Contains(ItemsAsMember) == true ? stored.ItemsAs : DefaultItemsAs(builtIn, stored.Key, stored.Reversed),
            MayCountAs = builtIn.MayCountAs,
            Missing = builtIn.Missing ?? stored.Missing,
            Scales = [.. stored.Scales.Select(s => WithPublishedUnits(stored, s, builtIn.FindScale(s.Name)))],
            Codings = [.. builtIn.Codings.Concat(stored.Codings).DistinctBy(c => (c.System, c.Code))],
            Reliability = builtIn.Reliability,
            ReliableChange = builtIn.ReliableChange,
            ChangeAtLeast = builtIn.ChangeAtLeast,
            CutOff = builtIn.CutOff,
            Notes = builtIn.Notes,
            Licence = builtIn.Licence,
            Sources = builtIn.Sources,
        };

    private static ScaleDefinition WithPublishedUnits(Instrument stored, ScaleDefinition scale, ScaleDefinition? builtIn)
    {
        if (builtIn is null)
        {
            return scale;
        }

        return scale with
        {
            Aggregations = s_unitsAdded.Contains(stored.Code) && scale.IsTotal && stored.Declared?.Contains(ScalesMember) != true ? builtIn.Aggregations
                : scale.Aggregations,
            HasDefaultRange = scale.HasDefaultRange || (scale.Minimum is null && builtIn.HasDefaultRange),
            Minimum = scale.Minimum ?? builtIn.Minimum,
            Maximum = scale.Maximum ?? builtIn.Maximum,
        };
    }

    private Construct ResolveConstruct() => _request.Construct is { } declared && declared == _builtIn?.MayCountAs ? declared
        : ResolveFact("construct", _request.Construct, _builtIn?.Construct) ?? default;

    // Of a published form only one whose printed numbers differ from the answers, as far as the reversed items are known, has both readings.
    private ItemsAs? ResolveItemsAs()
    {
        var reversed = ResolveReversed();
        if (_request.ItemsAs is not { } declared)
        {
            return _builtIn is null ? null : DefaultItemsAs(_builtIn, _request.Reversed is null ? _builtIn.Key : ScoringKey.Site, reversed);
        }

        if (reversed.Count == 0 && declared == ItemsAs.Raw)
        {
            if (_builtIn?.ItemsAs is not null)
            {
                AddContradiction("itemsAs",
                    "the printed numbers are keyed, and the reversed items are not public: name them in reversed if you keep raw answers");
            }
            else
            {
                _errors.Add(new("#/itemsAs", "notAllowed", "has no effect: no item of this instrument is reversed"));
            }
        }

        return declared;
    }

    // A key of the site's own is for raw answers.
    private static ItemsAs? DefaultItemsAs(Instrument builtIn, ScoringKey key, IReadOnlyList<long> reversed) =>
        builtIn.Key != ScoringKey.Published && key == ScoringKey.Site && reversed.Count > 0 ? builtIn.ItemsAs is null ? null : ItemsAs.Raw : builtIn.ItemsAs;

    private IReadOnlyList<string>? DeclaredMembers()
    {
        string[] declared =
        [
            .. _builtIn is not null && _request.Construct == _builtIn.MayCountAs && _request.Construct is not null ? [ConstructMember] : Array.Empty<string>(),
            .. _request.ItemsAs is not null ? [ItemsAsMember] : Array.Empty<string>(),
            .. _request.Scales?.Any(s => s?.Aggregation is not null && _builtIn?.FindScale(s.Name) is not null) == true ? [ScalesMember]
                : Array.Empty<string>(),
        ];
        return declared.Length > 0 ? declared : null;
    }

    // A new instrument needs every fact; for a built-in one each is optional and must equal the published one.
    private T? ResolveFact<T>(string member, T? declared, T? published, string code = ContradictionCode)
    {
        if (_builtIn is null && declared is null)
        {
            _errors.Add(new($"#/{member}", ErrorCodes.Required, "is required for an instrument of your own"));
        }
        else if (_builtIn is not null && declared is not null && !declared.Equals(published))
        {
            AddContradiction(member, Describe(published), code);
        }

        return _builtIn is null ? declared : published;
    }

    private IReadOnlyList<ScoreRater> ResolveRaters()
    {
        ScoreRater[]? declared = _request.Raters is { } raters ? [.. raters.Order()] : null;
        if (_builtIn is not null && declared is not null && !declared.SequenceEqual(_builtIn.Raters))
        {
            AddContradiction("raters", string.Join(" and ", _builtIn.Raters.Select(EnumNames<ScoreRater>.Of)));
        }
        else if (_builtIn is null && declared is null)
        {
            _errors.Add(new("#/raters", ErrorCodes.Required, "is required for an instrument of your own"));
        }

        return _builtIn?.Raters ?? declared ?? [];
    }

    private ItemRange? ResolveItems()
    {
        if (_builtIn?.Items is { } published && _request.Items is { } declared && declared != published)
        {
            AddContradiction("items", $"{published.Count} from {published.Minimum} to {published.Maximum}{(published.Decimals ? ", with decimals" : "")}");
        }

        return _builtIn?.Items ?? _request.Items;
    }

    private ScoringKey ResolveScoringKey(ItemRange? items)
    {
        if (items is null && _request.Reversed is not null)
        {
            _errors.Add(new("#/reversed", "notAllowed", "names items, but none are declared"));
        }

        if (_builtIn is null)
        {
            if (items is not null && _request.Reversed is null)
            {
                _errors.Add(new("#/reversed", ErrorCodes.Required, "is required where items are declared: [] says that none is turned round"));
            }

            return ScoringKey.Site;
        }

        if (_builtIn.Key == ScoringKey.Published && _request.Reversed is { } reversed && !reversed.Order().SequenceEqual(_builtIn.Reversed))
        {
            AddContradiction("reversed", _builtIn.Reversed.Count == 0 ? "no item" : string.Join(", ", _builtIn.Reversed));
        }

        return _builtIn.Key == ScoringKey.Published || _request.Reversed is null ? _builtIn.Key : ScoringKey.Site;
    }

    private IReadOnlyList<long> ResolveReversed() =>
        _builtIn is { Key: ScoringKey.Published } ? _builtIn.Reversed : [.. (_request.Reversed ?? _builtIn?.Reversed ?? []).Order()];

    private MissingItemsRule? ResolveMissingRule(ItemRange? items, IReadOnlyList<ScaleDefinition> scales)
    {
        if (_builtIn?.Missing is { } published && _request.Missing is { } declared && declared != published)
        {
            AddContradiction("missing", EnumNames<MissingItems>.Of(published.Rule) + (published.AtMost is { } max ? $" {max}" : ""));
        }

        var missing = _builtIn?.Missing ?? _request.Missing;
        if (_request.Missing is not null && items is null)
        {
            _errors.Add(new("#/missing", "notAllowed", "speaks of items, but none are declared"));
        }

        if (missing?.AtMost is { } atMost && items is not null && (atMost < 1 || atMost >= items.Count))
        {
            _errors.Add(new("#/missing/atMost", InstrumentErrorCodes.OutOfRange, $"must be from 1 to {items.Count - 1}"));
        }

        if (missing?.Rule == MissingItems.SubscaleMean && !AreDistinct([.. scales.Where(s => !s.IsTotal).SelectMany(s => s.Items ?? [])]))
        {
            _errors.Add(new("#/scales", "overlap", "an item may belong to one subscale only, whose mean stands in for it when it is missing"));
        }

        return missing;
    }

    private IReadOnlyList<InstrumentCoding> ResolveCodings(IReadOnlyList<ScaleDefinition> scales)
    {
        var codings = _builtIn?.Codings.ToList() ?? [];
        for (var i = 0; i < (_request.Codings?.Count ?? 0); i++)
        {
            if (_request.Codings![i] is not { } coding)
            {
                continue;
            }

            if (coding.System == InstrumentCoding.Loinc && BuiltInInstruments.FindNameError(coding.Code, $"#/codings/{i}/code") is { } nameError)
            {
                _errors.Add(nameError);
            }

            if (scales.All(s => s.Name != coding.Scale))
            {
                _errors.Add(new($"#/codings/{i}/scale", InstrumentErrorCodes.UnknownScale, $"is none of {string.Join(", ", scales.Select(s => s.Name))}"));
            }

            var known = codings.Find(c => (c.System, c.Code) == (coding.System, coding.Code));
            if (known is null)
            {
                codings.Add(coding);
            }
            else if (known != coding)
            {
                _errors.Add(new($"#/codings/{i}", RepeatedCode, $"names {known.Scale} already"));
            }
        }

        return codings;
    }

    private void CheckItemNumbers(IReadOnlyList<long>? numbers, long? count, string at) => CheckItemNumbers(numbers, count, at, _errors);

    internal static void CheckItemNumbers(IReadOnlyList<long>? numbers, long? count, string at, List<FieldError> errors)
    {
        for (var i = 0; i < (numbers?.Count ?? 0); i++)
        {
            if (count is { } itemCount && (numbers![i] < 1 || numbers[i] > itemCount))
            {
                errors.Add(new($"{at}/{i}", InstrumentErrorCodes.OutOfRange, $"must be the number of an item, from 1 to {itemCount}"));
            }
        }
    }

    private void AddContradiction(string member, string? published, string code = ContradictionCode) => _errors.Add(new($"#/{member}", code,
        $"of {_builtIn!.Code} is published: {published}. Leave it out; a form that differs takes a code of its own"));

    private static string? Describe<T>(T value) => value switch
    {
        Construct construct => EnumNames<Construct>.Of(construct),
        ScoreDirection direction => $"a higher score means {EnumNames<ScoreDirection>.Of(direction)}",
        _ => value?.ToString(),
    };
}
