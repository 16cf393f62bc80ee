using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Sessions.Sources;

/// <summary>The current declarations of a site.</summary>
internal sealed class SourceDeclarations
{
    private readonly Dictionary<string, SourceSystem> _systems;
    private readonly Dictionary<string, IReadOnlyList<string>> _groups = new(StringComparer.Ordinal);
    private volatile NamedInstruments? _named;

    public SourceDeclarations(SourcesResponse content)
    {
        Content = content;
        _systems = content.Systems.ToDictionary(s => s.Name, StringComparer.Ordinal);
        foreach (var group in content.Groups)
        {
            foreach (var system in group.Systems)
            {
                _groups.Add(system, group.Systems);
            }
        }
    }

    /// <summary>Those of a site that declared nothing.</summary>
    public static SourceDeclarations None { get; } = new(new([], [], [], 0, null));

    public SourcesResponse Content { get; }

    public SourceSystem? Find(string system) => _systems.GetValueOrDefault(system);

    /// <summary>The systems that share keys with a system, itself included.</summary>
    public IReadOnlyList<string> GroupOf(string system) => _groups.GetValueOrDefault(system) ?? [system];

    /// <summary>Day of an instant in a system's time zone.</summary>
    public DateOnly DayOf(DateTimeOffset instant, string system) => DateOnly.FromDateTime(
        (Find(system)?.TimeZone is { } name && TimeZones.Find(name) is { } zone ? TimeZoneInfo.ConvertTime(instant, zone)
            : instant.ToUniversalTime()).DateTime);

    /// <summary>Start of a day in a system's time zone.</summary>
    /// <param name="day">The day.</param>
    /// <param name="system">The source system.</param>
    /// <param name="timeZone">Time zone of the key, if the system has none.</param>
    public DateTimeOffset StartOf(DateOnly day, string system, string? timeZone) =>
        TimeZones.StartOf(day, TimeZoneOf(system, timeZone) ?? TimeZoneInfo.Utc);

    /// <summary>A system's time zone; null if none is declared.</summary>
    public TimeZoneInfo? TimeZoneOf(string system, string? timeZone) => (Find(system)?.TimeZone ?? timeZone) is { } name ? TimeZones.Find(name) : null;

    /// <summary>The instruments with the names that the site's systems have for them.</summary>
    public InstrumentSet NameIn(InstrumentSet instruments)
    {
        if (Content.Codings.Count == 0)
        {
            return instruments;
        }

        // The catalogue returns the same set until the site declares an instrument.
        if (_named is not { } named || named.Unnamed != instruments)
        {
            _named = named = new(instruments, instruments.WithNames(
                Content.Codings.Select(c => new InstrumentName(c.Canonical, c.System, c.Code, c.Instrument, c.Scale ?? Instrument.Total))));
        }

        return named.Named;
    }

    /// <summary>Rules over several members, and over what was declared before.</summary>
    public IEnumerable<FieldError> Check(SourcesRequest request, InstrumentSet instruments)
    {
        foreach (var (i, name) in Repeated(request.Systems?.Select(s => s.Name)))
        {
            yield return new($"#/systems/{i}/name", RepeatedCode, $"'{name}' is named twice");
        }

        foreach (var (i, name) in Repeated(request.Groups?.SelectMany((g, i) => g.Systems.Distinct(StringComparer.Ordinal).Select(name => (Group: i, name)))
            .ToList() is { } all ? all.Select(s => s.name) : null))
        {
            var group = request.Groups!.SelectMany((g, at) => g.Systems.Distinct(StringComparer.Ordinal).Select(_ => at)).ElementAt(i);
            yield return new($"#/groups/{group}/systems", RepeatedCode, $"'{name}' is in another group: unite the two");
        }

        var groups = (request.Groups ?? []).Select(g => g.Systems.ToHashSet(StringComparer.Ordinal)).ToList();
        foreach (var earlier in Content.Groups.Where(earlier => !groups.Exists(g => g.IsSupersetOf(earlier.Systems))))
        {
            yield return new("#/groups", "groupShrinks",
                $"must keep the group of {string.Join(", ", earlier.Systems)}: what was linked cannot be told apart again, so that groups only grow");
        }

        foreach (var (i, coding) in (request.Codings ?? []).Index())
        {
            foreach (var error in Check(coding, i, instruments))
            {
                yield return error;
            }
        }

        foreach (var (i, name) in Repeated(request.Codings?.Select(c => c.Canonical ?? $"{c.System}|{c.Code}")))
        {
            yield return new($"#/codings/{i}", RepeatedCode, $"{name} is named twice");
        }
    }

    private const string RepeatedCode = InstrumentDeclaration.RepeatedCode;

    private sealed record NamedInstruments(InstrumentSet Unnamed, InstrumentSet Named);

    private static IEnumerable<FieldError> Check(SourceCoding coding, int index, InstrumentSet instruments)
    {
        var (instrument, unknown) = instruments.Find(coding.Instrument, at: $"#/codings/{index}/instrument");
        if (instrument is null)
        {
            yield return unknown!;
            yield break;
        }

        if (coding.Scale is { } scale && instrument.FindScale(scale) is null)
        {
            yield return new($"#/codings/{index}/scale", InstrumentErrorCodes.UnknownScale,
                $"is no scale of {instrument.Code}: {string.Join(", ", instrument.Scales.Select(s => s.Name))}");
        }

        if (coding is { System: { } system, Code: { } code } && instruments.FindCoding(system, code) is var (holder, held, wrong)
            && (wrong is not null || (holder is not null && (holder.Code != instrument.Code || held != (coding.Scale ?? Instrument.Total)))))
        {
            yield return new($"#/codings/{index}/code", InstrumentErrorCodes.CodingTaken, wrong?.Detail ?? $"{system} {code} names {holder!.Code}");
        }
    }

    private static IEnumerable<(int Index, string Name)> Repeated(IEnumerable<string>? names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return (names ?? []).Index().Where(n => !seen.Add(n.Item));
    }
}
