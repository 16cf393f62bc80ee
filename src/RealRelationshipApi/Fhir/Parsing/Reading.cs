using Hl7.Fhir.Model;

using RealRelationshipApi.Http;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir;

/// <summary>One resource while it is turned into a session's measure: its faults, and where each member of the measure stands in the resource.</summary>
internal sealed class Reading(string at, Neighbours neighbours, InstrumentSet instruments)
{
    private readonly List<FieldError> _faults = [];
    private readonly List<(string Pointer, string Place)> _places = [];

    /// <summary>FHIRPath of the resource.</summary>
    public string At => at;

    public Neighbours Neighbours => neighbours;

    public InstrumentSet Instruments => instruments;

    public IReadOnlyList<FieldError> Faults => _faults;

    public void Refuse(string place, string code, string detail) => _faults.Add(new(place, code, detail));

    public void Refuse(FieldError fault) => _faults.Add(fault);

    public void Refuse(IEnumerable<FieldError> faults) => _faults.AddRange(faults);

    /// <summary>Says of which element a member of the measure (<c>#/measures/0/items/3</c>) is.</summary>
    public void Stands(string pointer, string place) => _places.Add((pointer, place));

    /// <summary>A fault of the measure, in the names of the resource.</summary>
    public FieldError InSendersNames(FieldError fault)
    {
        var place = _places.Where(p => fault.Pointer == p.Pointer || fault.Pointer.StartsWith(p.Pointer + "/", StringComparison.Ordinal)).OrderBy(p => p.Pointer.Length).LastOrDefault().Place;
        return fault with { Pointer = place ?? at };
    }

    /// <summary>The session's number, where the resource, or the visit, says it.</summary>
    public long? SessionNumber(DomainResource resource, string place)
    {
        var index = resource.Extension.FindIndex(e => e.Url == FhirNames.SessionNumber);
        if (index < 0)
        {
            return null;
        }

        Stands("#/sessionNumber", $"{place}.extension[{index}]");
        switch (resource.Extension[index].Value)
        {
            case Integer { Value: { } number }:
                return number;
            case PositiveInt { Value: { } number }:
                return number;
            default:
                Refuse($"{place}.extension[{index}]", FaultCodes.NotAValue, "must be a valuePositiveInt");
                return null;
        }
    }

    /// <summary>An instant with its offset; what has none, or only a date, is refused.</summary>
    public DateTimeOffset? Instant(string? text, string place)
    {
        Stands("#/occurredAt", place);
        if (text is null)
        {
            return null;
        }

        if (InstantConverter.TryParse(text, out var instant))
        {
            return instant;
        }

        Refuse(place, FhirFaults.NoOffset, InstantConverter.Rule);
        return null;
    }

    /// <summary>The version of the source's own record. Only the first one may leave it out.</summary>
    public long Version(Resource resource, MeasureStatus status)
    {
        var place = $"{at}.meta.versionId";
        Stands("#/measures/0/version", place);
        if (resource.Meta?.VersionId is not { } text)
        {
            if (status != MeasureStatus.Final)
            {
                Refuse(place, FaultCodes.Required, "is required once a resource was changed: the number of this version, which is higher than that of the one it replaces or takes back");
            }

            return 1;
        }

        if (long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }

        Refuse(place, FhirFaults.NotAVersion, "must be a whole number from 1: versions are ordered by it, in whatever order they come");
        return 1;
    }
}
