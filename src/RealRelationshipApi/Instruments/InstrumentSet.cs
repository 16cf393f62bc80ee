using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using static RealRelationshipApi.Instruments.InstrumentErrorCodes;

namespace RealRelationshipApi.Instruments;

/// <summary>The instruments of a tenant at one point in time: built-in ones, and all versions of the tenant's declarations.</summary>
internal sealed class InstrumentSet
{
    private readonly Dictionary<string, List<Instrument>> _versions = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string System, string Code), (string Instrument, string Scale)> _codings = [];
    private readonly Dictionary<string, string> _canonicals = new(StringComparer.Ordinal);

    /// <param name="declared">Every version that the site declared, in order.</param>
    /// <param name="undeclaredItems">Codes of the instruments whose items are rejected until the site declares <see cref="Instrument.ItemsAs"/>.</param>
    internal InstrumentSet(IEnumerable<Instrument> declared, IReadOnlyCollection<string>? undeclaredItems = null)
    {
        foreach (var known in BuiltInInstruments.All.Concat(declared))
        {
            var instrument = undeclaredItems?.Contains(known.Code) == true ? known with { ItemsAs = null, IsItemsAsUndeclared = true } : known;
            if (!_versions.TryGetValue(instrument.Code, out var versions))
            {
                _versions[instrument.Code] = versions = [];
            }

            versions.Add(instrument);
        }

        Current = [.. _versions.Values.Select(v => v[^1]).OrderBy(i => i.Code, StringComparer.Ordinal)];
        // A coding that a site gave to an instrument of its own stays there if it is built in for another one later.
        foreach (var instrument in Current.OrderBy(i => i.IsCustom))
        {
            foreach (var coding in instrument.Codings)
            {
                _codings[(coding.System, coding.Code)] = (instrument.Code, coding.Scale);
            }
        }
    }

    private InstrumentSet(InstrumentSet instruments, IEnumerable<InstrumentName> names)
    {
        (_versions, Current, _codings) = (instruments._versions, instruments.Current, new(instruments._codings));
        foreach (var name in names)
        {
            if (name.Canonical is { } canonical)
            {
                _canonicals[canonical] = name.Instrument;
            }
            else
            {
                _codings[(name.System!, name.Code!)] = (name.Instrument, name.Scale);
            }
        }
    }

    /// <summary>The same instruments with further names.</summary>
    public InstrumentSet WithNames(IEnumerable<InstrumentName> names) => new(this, names);

    /// <summary>The built-in instruments only.</summary>
    public static InstrumentSet BuiltInOnly { get; } = new([]);

    /// <summary>The current version of each instrument, sorted by code.</summary>
    public IReadOnlyList<Instrument> Current { get; }

    /// <summary>Finds an instrument by its case-insensitive code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="version">0 for the built-in definition; null for the current version.</param>
    /// <param name="at">JSON pointer of the code, for errors.</param>
    /// <returns>The instrument, or an error that suggests the right code for a known misspelling.</returns>
    public (Instrument? Instrument, FieldError? Error) Find(string code, long? version = null, string at = "#/instrument")
    {
        if (_versions.TryGetValue(code, out var versions) && (version is null ? versions[^1] : versions.FirstOrDefault(i => i.Version == version)) is { } found)
        {
            return (found, null);
        }

        return (null,
            versions is null ? BuiltInInstruments.FindNameError(code, at) ?? UnknownInstrumentError(code, at)
                : new(at, UnknownInstrument, $"there is no version {version} of {versions[0].Code}"));
    }

    /// <summary>The instrument of that code, otherwise the only one whose code differs in case and separators alone; null for none or several.</summary>
    public Instrument? FindByName(string name) => _versions.TryGetValue(name, out var versions) ? versions[^1]
        : BuiltInInstruments.FindNameError(name, "#") is not null ? null
        : Current.Where(i => SimilarNames.Normalize(i.Code) == SimilarNames.Normalize(name)).Take(2).ToList() is [var only] ? only : null;

    /// <summary>Finds the instrument of a questionnaire that the site declared by its canonical URL, with or without a version.</summary>
    public Instrument? FindCanonical(string canonical)
    {
        var url = canonical.Split('|')[0];
        if (_canonicals.TryGetValue(canonical, out var code) || _canonicals.TryGetValue(url, out code))
        {
            return Find(code).Instrument;
        }

        // A URL relative to the sender's server, if one that was declared ends so.
        return url.StartsWith("Questionnaire/", StringComparison.Ordinal)
            && _canonicals.Where(c => c.Key.EndsWith($"/{url}", StringComparison.Ordinal)).Select(c => c.Value).Distinct().Take(2).ToList() is [var only]
            ? Find(only).Instrument : null;
    }

    /// <summary>Finds an instrument by its code, or by a name that the site declared for it: a canonical URL, or <c>system|code</c>.</summary>
    /// <returns>The instrument and, if the name is of a scale, that scale; otherwise the error of the code.</returns>
    public (Instrument? Instrument, string? Scale, FieldError? Error) FindDeclared(string name, string at)
    {
        if (Find(name, at: at) is var (instrument, error) && instrument is not null)
        {
            return (instrument, null, null);
        }

        var separator = name.LastIndexOf('|');
        return FindCanonical(name) is { } form ? (form, null, null)
            : separator > 0 && FindCoding(name[..separator], name[(separator + 1)..], at) is var (coded, scale, _) && coded is not null ? (coded, scale, null)
            : (null, null, error);
    }

    /// <summary>Finds the instrument and scale of a code from another system.</summary>
    /// <returns>Instrument and scale, or an error; all null if the code is unknown.</returns>
    public (Instrument? Instrument, string? Scale, FieldError? Error) FindCoding(string system, string code, string at = "#/code")
    {
        if (_codings.TryGetValue((system, code), out var named))
        {
            return (Find(named.Instrument).Instrument, named.Scale, null);
        }

        return (null, null, system == InstrumentCoding.Loinc ? BuiltInInstruments.FindNameError(code, at) : null);
    }

    private FieldError UnknownInstrumentError(string code, string at) => _codings.TryGetValue((InstrumentCoding.Loinc, code), out var named)
        ? new(at, UnknownInstrument, $"is a LOINC code, of {named.Instrument}: give the instrument by that name")
        : FindByName(code) is { } similar ? new(at, UnknownInstrument, $"is not known: did you mean {similar.Code}?")
        : ExtendingCodes(code) is { Count: > 0 } longer ? new(at, UnknownInstrument, $"is not known: did you mean {string.Join(" or ", longer)}?")
        : new(at, UnknownInstrument, "is not known: GET /instruments lists those that are, and POST /instruments declares one of your own");

    // Codes that the name begins, as bdi, or that begin it, as oq-45.2.
    private List<string> ExtendingCodes(string name)
    {
        var sought = SimilarNames.Normalize(name);
        return sought.Length < 3 ? []
            : [.. Current.Select(i => i.Code).Where(code => SimilarNames.Normalize(code) is var known
                && (known.StartsWith(sought, StringComparison.Ordinal) || sought.StartsWith(known, StringComparison.Ordinal))).Take(6)];
    }
}

/// <summary>What a site's systems call an instrument: the canonical URL of a questionnaire, or a code of a code system.</summary>
internal sealed record InstrumentName(string? Canonical, string? System, string? Code, string Instrument, string Scale);
