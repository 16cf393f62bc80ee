using System.Collections.Frozen;
using System.Text.Json;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Instruments;

/// <summary>The built-in instruments, with published facts only. Sites declare the rest.</summary>
internal static class BuiltInInstruments
{
    private static readonly CatalogueFile s_catalogue = ReadCatalogue();
    private static readonly FrozenDictionary<string, Instrument> s_byCode = s_catalogue.Instruments.ToFrozenDictionary(i => i.Code,
        StringComparer.OrdinalIgnoreCase);
    private static readonly FrozenDictionary<string, string> s_ambiguous = s_catalogue.Ambiguous.ToFrozenDictionary(a => a.Name, a => a.Detail,
        StringComparer.OrdinalIgnoreCase);
    private static readonly FrozenDictionary<string, string> s_wrongCodes = s_catalogue.WrongCodes.ToFrozenDictionary(w => w.Code, w => w.Detail,
        StringComparer.Ordinal);

    public static IReadOnlyList<Instrument> All => s_catalogue.Instruments;

    public static Instrument? FindByCode(string code) => s_byCode.GetValueOrDefault(code);

    /// <summary>The error for a commonly used name that identifies no single instrument; null for any other name.</summary>
    public static FieldError? FindNameError(string name, string at) =>
        s_ambiguous.TryGetValue(name, out var ambiguity) ? new(at, InstrumentErrorCodes.AmbiguousInstrument, ambiguity)
        : s_wrongCodes.TryGetValue(name, out var wrong) ? new(at, InstrumentErrorCodes.WrongCode, $"{name} {wrong}")
        : null;

    private static CatalogueFile ReadCatalogue()
    {
        using var stream = typeof(BuiltInInstruments).Assembly.GetManifestResourceStream("RealRelationshipApi.Instruments.catalogue.json")!;
        var catalogue = JsonSerializer.Deserialize<CatalogueFile>(stream, StrictJson.Options)!;
        return catalogue with { Instruments = [.. catalogue.Instruments.Select(i => i with { Licence = i.Licence ?? catalogue.Licence })] };
    }

    private sealed record CatalogueFile(string Licence, IReadOnlyList<Instrument> Instruments, IReadOnlyList<AmbiguousName> Ambiguous,
        IReadOnlyList<WrongCode> WrongCodes);

    private sealed record AmbiguousName(string Name, string Detail);

    private sealed record WrongCode(string Code, string Detail);
}

/// <summary>Error codes of scoring.</summary>
internal static class InstrumentErrorCodes
{
    public const string UnknownInstrument = "unknownInstrument";
    public const string AmbiguousInstrument = "ambiguousInstrument";
    public const string WrongCode = "wrongCode";
    public const string WrongRater = "wrongRater";
    public const string UnknownScale = "unknownScale";
    public const string CodingTaken = "codingTaken";
    public const string DirectionMismatch = "directionMismatch";
    public const string AmbiguousAggregation = "ambiguousAggregation";
    public const string WrongAggregation = "wrongAggregation";
    public const string NeedsScoringKey = "needsScoringKey";
    public const string OutOfRange = "outOfRange";
    public const string NotWhole = "notWhole";
    public const string WrongItemCount = "wrongItemCount";
    public const string TooManyMissing = "tooManyMissing";
    public const string TotalDisagrees = "totalDisagrees";
    public const string NothingToScore = "nothingToScore";
    public const string ItemsAsUndeclared = "itemsAsUndeclared";
}
