namespace RealRelationshipApi.Fhir;

/// <summary>Names defined by FHIR R4 and by this service.</summary>
internal static class FhirConstants
{
    public const string BasePath = "/fhir";
    public const string JsonMediaType = "application/fhir+json";
    public const string NdjsonMediaType = "application/fhir+ndjson";
    public const string FhirVersion = "4.0.1";

    public const string LoincCodeSystem = "http://loinc.org";

    /// <summary>Code system of the catalogue: <c>rri-c-sf</c>, or <c>wai-sr.bond</c> for a scale of an instrument.</summary>
    public const string InstrumentCodeSystem = "urn:realrelationship:instruments";

    /// <summary>Code system of the errors in an OperationOutcome.</summary>
    public const string ErrorCodeSystem = "urn:realrelationship:faults";

    /// <summary>Extension of a resource: the number of its session within the treatment, from 1.</summary>
    public const string SessionNumberExtension = "urn:realrelationship:session-number";
}
