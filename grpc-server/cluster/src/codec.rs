//! The scan of a table as bytes, between the scheduler and its executors; the other parts of a plan are Ballista's.
//!
//! Invariant: bytes that begin with [`MARK`] are a scan, and no part of Ballista begins so.

use std::sync::Arc;

use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use prost::Message as _;

use crate::content::Tables;
use crate::table_scan::TableScanExec;

/// No message of Ballista begins with a field of this number.
const MARK: &[u8] = b"\xffgridloom table scan\xff";

/// Writes and reads the parts of plans.
#[derive(Debug)]
pub(crate) struct Codec {
    others: BallistaPhysicalExtensionCodec,
    /// Where tables are read; `None` in the scheduler.
    tables: Option<Tables>,
}

impl Codec {
    pub(crate) fn new(tables: Option<Tables>) -> Self {
        Self { others: BallistaPhysicalExtensionCodec::default(), tables }
    }
}

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(bytes) = bytes.strip_prefix(MARK) else {
            return self.others.try_decode(bytes, inputs, context, converter);
        };
        let odd = |problem: String| DataFusionError::Internal(problem);
        let scan = engine_link::TableScan::decode(bytes).map_err(|error| odd(error.to_string()))?;
        let schema = engine::ipc::schema_of_bytes(&scan.schema);
        let schema = schema.map_err(|error| odd(error.to_string()))?;
        let [input] = inputs else { return Err(odd("a scan has one input".to_owned())) };
        let scan = TableScanExec::new(scan, schema, Arc::clone(input), self.tables.clone());
        Ok(Arc::new(scan))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        bytes: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let Some(scan) = node.downcast_ref::<TableScanExec>() else {
            return self.others.try_encode(node, bytes, converter);
        };
        bytes.extend_from_slice(MARK);
        scan.scan.encode(bytes).map_err(|error| DataFusionError::Internal(error.to_string()))
    }
}
