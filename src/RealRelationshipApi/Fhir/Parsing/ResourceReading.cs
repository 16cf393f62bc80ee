using System.Globalization;
using System.Text.RegularExpressions;

using Hl7.Fhir.Model;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>State of converting one resource to a measure: errors so far, and the FHIRPath of each member of the measure.</summary>
internal sealed partial class ResourceReading(string fhirPath, BundleContext bundleContext, IntakeContext intake, DateTimeOffset receivedAt)
{
    private readonly List<FieldError> _errors = [];
    private readonly List<string> _dropped = [];
    private readonly List<(string Pointer, string Place)> _pathsByPointer = [];

    /// <summary>FHIRPath of the resource.</summary>
    public string FhirPath => fhirPath;

    public BundleContext BundleContext => bundleContext;

    public InstrumentSet Instruments { get; private init; } = intake.Instruments;

    public IntakeContext Intake => intake;

    /// <summary>Whether names, texts and labels are dropped unread.</summary>
    public bool IsLenient { get; init; }

    public IReadOnlyList<FieldError> Errors => _errors;

    public void AddError(string place, string code, string detail) => _errors.Add(new(place, code, detail));

    public void AddError(FieldError error) => _errors.Add(error);

    public void AddError(IEnumerable<FieldError> errors) => _errors.AddRange(errors);

    /// <summary>Another reading of the resource, without the names that the site declared for instruments and without errors.</summary>
    public ResourceReading WithoutDeclarations() => new(fhirPath, bundleContext, intake, receivedAt)
    {
        Instruments = intake.UndeclaredInstruments, IsLenient = IsLenient,
    };

    /// <summary>FHIRPath of questions that were dropped unread, on the sender's preference.</summary>
    public IReadOnlyList<string> Dropped => _dropped;

    /// <summary>Drops a question that is not part of the form.</summary>
    public void Drop(string place)
    {
        PassOver(place);
        _dropped.Add(place);
    }

    /// <summary>Discards errors of personal data and free text in a question that is not scored: its answer is neither read nor stored.</summary>
    public void PassOver(string place) => _errors.RemoveAll(e => e.Code is FhirErrorCodes.FreeText or FhirErrorCodes.PersonalData
        && e.Pointer.StartsWith(place + ".", StringComparison.Ordinal));

    /// <summary>Maps a member of the measure (<c>#/measures/0/items/3</c>) to the element that it was read from.</summary>
    public void MapPointer(string pointer, string place) => _pathsByPointer.Add((pointer, place));

    /// <summary>Converts the JSON pointer of an error to FHIRPath.</summary>
    public FieldError ToFhirPath(FieldError error)
    {
        var place = _pathsByPointer.Where(p => error.Pointer == p.Pointer || error.Pointer.StartsWith(p.Pointer + "/", StringComparison.Ordinal))
            .OrderBy(p => p.Pointer.Length).LastOrDefault().Place;
        return error with { Pointer = place ?? fhirPath };
    }

    /// <summary>Session number of the resource, otherwise of its encounter.</summary>
    public long? SessionNumber(DomainResource resource, string place)
    {
        var index = resource.Extension.FindIndex(e => e.Url == FhirConstants.SessionNumberExtension);
        if (index < 0)
        {
            return null;
        }

        MapPointer("#/sessionNumber", $"{place}.extension[{index}]");
        switch (resource.Extension[index].Value)
        {
            case Integer { Value: { } number }:
                return number;
            case PositiveInt { Value: { } number }:
                return number;
            default:
                AddError($"{place}.extension[{index}]", ErrorCodes.NotAValue, "must be a valuePositiveInt");
                return null;
        }
    }

    /// <summary>Whether the resource gives a day without a time.</summary>
    public bool IsDay { get; private set; }

    /// <summary>Whether nothing but an identifier says which system the resource is from.</summary>
    public bool IsSourceDerived { get; set; }

    /// <summary>Whether the resource has no version that orders its versions, so that the time of receipt does.</summary>
    public bool IsVersionedByReceipt { get; private set; }

    public DateTimeOffset ReceivedAt => receivedAt;

    /// <summary>Parses an instant, or a day as its start in UTC; adds an error if there is a time without offset.</summary>
    public DateTimeOffset? Instant(string? text, string place)
    {
        MapPointer("#/occurredAt", place);
        if (text is null)
        {
            return null;
        }

        if (UtcTimestampConverter.TryParse(ExcessDigitsPattern().Replace(text, "${kept}"), out var instant))
        {
            return instant;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            IsDay = true;
            return new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        }

        AddError(place, FhirErrorCodes.NoOffset, $"{UtcTimestampConverter.ErrorMessage}, or a day");
        return null;
    }

    /// <summary>Version of the source record: a number, or the time of <c>meta.lastUpdated</c> in microseconds since 1970 if it is none (Medplum, Google) or
    /// the site declared so. Only the first version may omit it, and one that is not finished.</summary>
    public long Version(Resource resource, MeasureStatus status, string sourceSystem)
    {
        var place = $"{fhirPath}.meta.versionId";
        MapPointer("#/measures/0/version", place);
        var isByTime = intake.Sources.Find(sourceSystem)?.VersionOrder == VersionOrder.Timestamp;
        if (resource.Meta?.VersionId is not { } text)
        {
            if (isByTime && resource.Meta?.LastUpdated is { } changed)
            {
                return ToVersion(changed);
            }

            if (status is MeasureStatus.Amended or MeasureStatus.Corrected or MeasureStatus.EnteredInError)
            {
                AddError(place, ErrorCodes.Required, isByTime
                    ? "is required, or meta.lastUpdated, by which your site declared that versions are ordered, once a resource was changed"
                    : "is required once a resource was changed: the number of this version, which is higher than that of the one it replaces or takes back");
            }

            return 1;
        }

        if (!isByTime && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }

        IsVersionedByReceipt = resource.Meta.LastUpdated is null;
        return ToVersion(resource.Meta.LastUpdated ?? receivedAt);

        static long ToVersion(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    // .NET reads seven digits of a second; servers write up to nine.
    [GeneratedRegex(@"(?<kept>\.\d{7})\d+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExcessDigitsPattern();
}
