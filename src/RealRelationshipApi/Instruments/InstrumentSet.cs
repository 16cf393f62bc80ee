using RealRelationshipApi.Http.Problems;

using static RealRelationshipApi.Instruments.InstrumentErrorCodes;

namespace RealRelationshipApi.Instruments;

/// <summary>The instruments of a tenant at one point in time: built-in ones, and all versions of the tenant's declarations.</summary>
internal sealed class InstrumentSet
{
    private readonly Dictionary<string, List<Instrument>> _versions = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string System, string Code), (string Instrument, string Scale)> _codings = [];

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
        foreach (var instrument in Current)
        {
            foreach (var coding in instrument.Codings)
            {
                _codings[(coding.System, coding.Code)] = (instrument.Code, coding.Scale);
            }
        }
    }

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
        : Current.Where(i => Normalise(i.Code) == Normalise(name)).Take(2).ToList() is [var only] ? only : null;

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

    private static string Normalise(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private FieldError UnknownInstrumentError(string code, string at) => _codings.TryGetValue((InstrumentCoding.Loinc, code), out var named)
        ? new(at, UnknownInstrument, $"is a LOINC code, of {named.Instrument}: give the instrument by that name")
        : FindByName(code) is { } similar ? new(at, UnknownInstrument, $"is not known: did you mean {similar.Code}?")
        : new(at, UnknownInstrument, "is not known: GET /instruments lists those that are, and POST /instruments declares one of your own");
}
